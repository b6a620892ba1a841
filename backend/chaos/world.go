package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"maru/backend/chaos/rig"
	"maru/backend/store/faultproxy"
)

// server is one instance that can be broken.
type server interface {
	Start() error
	Kill()
	Term() error
	Pause()
	Resume()
	Died() bool
	Addr() string
}

// world is what a run plays in: instances behind a balancer, perhaps a Redis
// behind them, and between each two of them a link that can fail.
type world struct {
	folder   string
	replay   bool
	servers  []server
	redis    *rig.Redis          // nil: the rooms are in a file
	toRedis  []*faultproxy.Proxy // of each instance
	toServer []*faultproxy.Proxy // from the balancer
	balancer *rig.Balancer
}

// newWorld starts servers, with links and a balancer before them. Close must be
// called, whatever the error.
func newWorld(folder, binary, store string, instances int, replay bool) (*world, error) {
	w, err := newServers(folder, binary, store, instances)
	w.replay = replay
	if err != nil {
		return w, err
	}
	return w, w.join()
}

// newServers starts instances of the binary on a store, "redis" or "sqlite", in
// folder. Close must be called, whatever the error.
func newServers(folder, binary, store string, instances int) (*world, error) {
	w := &world{folder: folder}
	binary, err := filepath.Abs(binary)
	if err != nil {
		return w, err
	}
	if _, err := os.Stat(binary); err != nil {
		return w, fmt.Errorf("there is no server to run; `make build` makes it: %w", err)
	}
	switch {
	case store == "redis":
		if err := w.startRedis(instances); err != nil {
			return w, err
		}
	case store != "sqlite":
		return w, fmt.Errorf("-store: %q is neither redis nor sqlite", store)
	case instances != 1:
		return w, errors.New("-instances: a file of SQLite serves one")
	}
	for n := range instances {
		i := &rig.Instance{Name: fmt.Sprintf("instance%d", n+1), Binary: binary, Folder: folder, Store: "sqlite:" + folder + "/maru.db"}
		if w.redis != nil {
			i.Store = "redis://" + w.toRedis[n].Addr()
		}
		if err := i.Start(); err != nil {
			return w, err
		}
		w.servers = append(w.servers, i)
	}
	return w, nil
}

func (w *world) startRedis(instances int) (err error) {
	if w.redis, err = rig.NewRedis(w.folder); err != nil {
		return err
	}
	if err := w.redis.Start(); err != nil {
		return err
	}
	for range instances {
		l, err := faultproxy.Listen(w.redis.Addr())
		if err != nil {
			return err
		}
		w.toRedis = append(w.toRedis, l)
	}
	return nil
}

// join puts links and the balancer before the servers that run.
func (w *world) join() error {
	var targets []string
	for _, s := range w.servers {
		l, err := faultproxy.Listen(s.Addr())
		if err != nil {
			return err
		}
		w.toServer = append(w.toServer, l)
		targets = append(targets, l.Addr())
	}
	var err error
	w.balancer, err = rig.Balance("127.0.0.1:0", w.replay, targets...)
	return err
}

// heal ends all faults of the links.
func (w *world) heal() {
	for _, l := range append(append([]*faultproxy.Proxy(nil), w.toRedis...), w.toServer...) {
		mend(l)
	}
}

func mend(l *faultproxy.Proxy) {
	l.Blackhole(false, false)
	l.Delay(0)
	l.LoseReplies(0)
}

// Close ends everything, as a crash does.
func (w *world) Close() error {
	var errs []error
	if w.balancer != nil {
		errs = append(errs, w.balancer.Close())
	}
	for _, l := range append(w.toServer, w.toRedis...) {
		errs = append(errs, l.Close())
	}
	for _, s := range w.servers {
		s.Kill()
	}
	if w.redis != nil {
		w.redis.Kill()
	}
	return errors.Join(errs...)
}
