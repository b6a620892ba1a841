package redisstore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"maru/backend/store"
	"maru/backend/store/redisstore/redistest"
)

// raw is all that a server keeps: every key with its dump, where nothing is left
// out that a type does not show.
func raw(t *testing.T, c *redis.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	names, err := c.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		dump, err := c.Dump(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = dump
	}
	return all
}

func holds(all map[string]string, text string) bool {
	for name, dump := range all {
		if strings.Contains(name+dump, text) {
			return true
		}
	}
	return false
}

// What was deleted, trimmed or forgotten is nowhere in the data.
func TestErases(t *testing.T) {
	r := redistest.Start(t, "--rdbcompression", "no")
	s, c := open(t, r.URL(), Options{}), dial(t, r)
	// Texts that no dump compresses.
	secret := func(n int) string { return fmt.Sprint("qZ7x-geheim-", n, "-w") }
	add := func(kind store.Kind, id string, target int64, body string) {
		t.Helper()
		_, _, err := s.Append(t.Context(), room, store.Draft{ID: id, Author: "a", Kind: kind, Target: target, Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
	}
	// A message that stays and one that goes, small enough to lie beside each
	// other in what Redis packs, and many, so that it packs no more.
	for i := range 200 {
		add(store.Message, fmt.Sprint("stays", i), 0, "x")
		add(store.Message, fmt.Sprint("goes", i), 0, secret(i))
		add(store.Edit, fmt.Sprint("edit", i), int64(i*5+2), secret(i)+"edited")
		add(store.React, fmt.Sprint("react", i), int64(i*5+2), "emoji")
		if !holds(raw(t, c), secret(i)) {
			t.Fatal("the text is not to be found before it is deleted")
		}
		add(store.Delete, fmt.Sprint("delete", i), int64(i*5+2), "")
	}
	left := raw(t, c)
	for i := range 200 {
		if holds(left, secret(i)) || holds(left, secret(i)+"edited") {
			t.Errorf("%q is still there", secret(i))
		}
	}
	if err := s.Note(t.Context(), "key", []byte("qZ7x-note"), time.Hour); err != nil || !holds(raw(t, c), "qZ7x-note") {
		t.Fatal("the note is not to be found", err)
	}
	if err := s.Note(t.Context(), "key", nil, 0); err != nil || holds(raw(t, c), "qZ7x-note") {
		t.Error("a note is still there", err)
	}
	if err := s.Trim(t.Context(), room, store.Retention{Age: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if err := s.Trim(t.Context(), room, store.Retention{Count: 1}); err != nil {
		t.Fatal(err)
	}
	if left := raw(t, c); holds(left, "stays100") {
		t.Error("what was trimmed is still there")
	}
}

// A room that all have left and whose log is trimmed costs one small key.
func TestTrimLeavesOneKey(t *testing.T) {
	r := redistest.Start(t)
	s, c := open(t, r.URL(), Options{}), dial(t, r)
	say(t, s, room, "a")
	for _, kind := range []store.Kind{store.Edit, store.React} {
		if _, _, err := s.Append(t.Context(), room, store.Draft{ID: string(rune(kind)), Author: "a", Kind: kind, Target: 1, Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	m := store.Member{Conn: "c", User: "u", Key: "k", Info: []byte("i")}
	if err := s.Enter(t.Context(), room, m, time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := len(raw(t, c)); n != 12 {
		t.Errorf("%d keys while it is in use", n)
	}
	if err := s.Leave(t.Context(), room, "c"); err != nil {
		t.Fatal(err)
	}
	later := open(t, r.URL(), Options{Prefix: s.opt.Prefix, Now: func() time.Time { return time.Now().Add(time.Hour) }})
	if err := later.Trim(t.Context(), room, store.Retention{Age: time.Minute}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range raw(t, c) {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{s.opt.Prefix + ":ping", s.keys.of(room, "m")}; !slices.Equal(names, want) {
		t.Errorf("%q are left, want %q", names, want)
	}
}

// With replicas=1 nothing is acknowledged that the replica lacks, a retry and a
// join included; and what is acknowledged is there when it takes over.
func TestReplicas(t *testing.T) {
	r := newRig(t)
	s := open(t, "redis://"+r.proxy.Addr()+"?replicas=1&replica_timeout=300ms", Options{})
	if s.Durability() != store.Replica {
		t.Errorf("Durability = %v", s.Durability())
	}
	m := store.Member{Conn: "c", User: "u"}
	_, _, err := s.Append(t.Context(), room, message("1"))
	for try, err := range []error{err, s.Enter(t.Context(), room, m, time.Hour), s.Note(t.Context(), "k", []byte("v"), time.Hour)} {
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, errFewReplicas) {
			t.Errorf("without a replica: %d: %v", try, err)
		}
	}
	if _, _, err := s.Append(t.Context(), room, message("1")); !errors.Is(err, errFewReplicas) {
		t.Errorf("a retry without a replica: %v", err)
	}
	replica := redistest.Start(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(r.server.Port()))
	r.replicated(t)
	if _, dup, err := s.Append(t.Context(), room, message("1")); err != nil || !dup {
		t.Errorf("a retry with a replica: dup %v, %v", dup, err)
	}
	acked := make(chan string, 1000)
	go func() {
		defer close(acked)
		for i := range cap(acked) {
			if _, _, err := s.Append(t.Context(), room, message(fmt.Sprint("m", i))); err != nil {
				return
			}
			acked <- fmt.Sprint("m", i)
		}
	}()
	var all []string
	for id := range acked {
		if all = append(all, id); len(all) == 200 {
			r.server.Kill(t)
		}
	}
	to := dial(t, replica)
	if err := to.Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	after := open(t, replica.URL(), Options{Prefix: s.opt.Prefix})
	evs, _, err := after.Events(t.Context(), room, store.Pos{}, store.MaxPage)
	for _, ev := range evs {
		there[ev.ID] = true
	}
	for _, id := range all {
		if !there[id] {
			t.Errorf("%s was acknowledged and is not there", id)
		}
	}
	if err != nil || len(all) < 200 {
		t.Errorf("%d acknowledged, %v", len(all), err)
	}
}

func TestDurability(t *testing.T) {
	for _, c := range []struct {
		params string
		args   []string
		want   store.Durability
	}{
		{"", nil, store.Memory},
		{"", []string{"--appendonly", "yes", "--appendfsync", "everysec"}, store.Memory},
		{"", durable, store.Disk},
		{"", append(slices.Clone(durable), "--rename-command", "CONFIG", `""`), store.Memory},
		{"?synced=true", append(slices.Clone(durable), "--rename-command", "CONFIG", `""`), store.Disk},
	} {
		r := redistest.Start(t, c.args...)
		if got := open(t, r.URL()+c.params, Options{}).Durability(); got != c.want {
			t.Errorf("%q %q: %v, want %v", c.args, c.params, got, c.want)
		}
	}
}

// While the heads of all rooms are compared without end, and much is said, no
// follower is told of a reset or misses anything.
func TestNoFalseReset(t *testing.T) {
	const messages, followers = 20_000, 3
	r := redistest.Start(t)
	s := open(t, r.URL(), Options{tune: tune{belt: 2 * time.Millisecond, probe: 10 * time.Second}})
	say(t, s, room, "first")
	var all [followers]listener
	for i := range all {
		all[i] = listen(t, s, room)
	}
	go func() {
		sem := make(chan struct{}, 200)
		for i := range messages {
			sem <- struct{}{}
			go func() {
				_, _, err := s.Append(t.Context(), room, message(fmt.Sprint(i)))
				if err != nil {
					t.Errorf("Append: %v", err)
				}
				<-sem
			}()
		}
	}()
	for i := range all {
		for seq := int64(2); seq < messages+2; seq++ {
			select {
			case ev := <-all[i].evs:
				if ev.Seq != seq {
					t.Fatalf("follower %d: %d, want %d", i, ev.Seq, seq)
				}
			case err := <-all[i].end:
				t.Fatalf("follower %d ended at %d: %v", i, seq, err)
			case <-time.After(wait):
				t.Fatalf("follower %d: %d does not come", i, seq)
			}
		}
	}
}

// When Sentinels make a replica the master, writers and followers go over to it.
func TestSentinel(t *testing.T) {
	r := newRig(t)
	redistest.Start(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(r.server.Port()))
	r.replicated(t)
	sentinel := redistest.Sentinel(t, r.server)
	s := open(t, "redis+sentinel://"+sentinel.Addr()+"?master=maru", Options{tune: quick})
	say(t, s, room, "first")
	l := listen(t, s, room)
	known := dial(t, sentinel)
	for began := time.Now(); ; {
		// Before that it has nobody to take over.
		replicas, err := known.Do(t.Context(), "SENTINEL", "REPLICAS", "maru").Slice()
		if len(replicas) == 1 && strings.Contains(fmt.Sprint(replicas), "master-link-status ok") {
			break
		}
		if err != nil || time.Since(began) > wait {
			t.Fatal(replicas, err)
		}
	}
	r.replicated(t)
	r.server.Kill(t)
	for began := time.Now(); ; {
		if _, _, err := s.Append(t.Context(), room, message("second")); err == nil {
			break
		} else if !errors.Is(err, store.ErrUnavailable) || time.Since(began) > 2*wait {
			t.Fatal(err)
		}
	}
	l.hears(t, "second")
}

// A Redis Cluster of one node, which refuses keys of several slots and knows
// sharded channels alone.
func TestCluster(t *testing.T) {
	r := redistest.Start(t, "--cluster-enabled", "yes")
	c := dial(t, r)
	if err := c.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; {
		info, err := c.ClusterInfo(t.Context()).Result()
		if strings.Contains(info, "cluster_state:ok") {
			break
		}
		if err != nil || time.Since(began) > wait {
			t.Fatal(info, err)
		}
	}
	s := open(t, "redis+cluster://"+r.Addr(), Options{tune: quick})
	for i := range 10 {
		name := fmt.Sprint("room", i)
		say(t, s, name, "first")
		l := listen(t, s, name)
		say(t, s, name, "second")
		l.hears(t, "second")
		if err := s.Enter(t.Context(), name, store.Member{Conn: "c", User: "u", Key: "k"}, time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if posts, err := s.Page(t.Context(), name, 0, 5); err != nil || len(posts) != 2 {
			t.Errorf("%d posts, %v", len(posts), err)
		}
		if err := s.Trim(t.Context(), name, store.Retention{Count: 2}); err != nil {
			t.Error(err)
		}
	}
	for ended, began := 0, time.Now(); ended < 10; {
		n, _, err := s.Sweep(t.Context())
		if ended += n; err != nil || time.Since(began) > wait {
			t.Fatalf("%d leases ended, %v", ended, err)
		}
	}
	if err := s.Note(t.Context(), "key", []byte("x"), time.Hour); err != nil {
		t.Error(err)
	}
	if secret, err := s.Secret(t.Context()); err != nil || len(secret) != secretBytes {
		t.Error(secret, err)
	}
	if s.Durability() != store.Memory {
		t.Errorf("Durability = %v", s.Durability())
	}
}
