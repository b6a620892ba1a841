package main

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maru/backend/server"
	"maru/backend/store/redisstore/redistest"
)

// What MARU_STORE can't mean is refused before anything is opened, what can't be
// reached in one line; neither tells the password.
func TestStoreRefusals(t *testing.T) {
	for _, address := range []string{"", "maru.db", "postgres://u:hunter2@h/d", "redis:", "redis//u:hunter2@h"} {
		if _, err := storeOf(address); err == nil || !strings.HasPrefix(err.Error(), "MARU_STORE: ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{
		"redis://u:hunter2@127.0.0.1:1", "redis://u:hunter2@127.0.0.1:1/x", "redis://u:hunter2@127.0.0.1:1?no_such=1",
		"redis://u:hunter2@127.0.0.1:port", "redis+sentinel://u:hunter2@127.0.0.1:1", "redis+cluster://u:hunter2@127.0.0.1:1",
		"redis+cluster://u:hunter2@127.0.0.1:1?replicas=1", "rediss://u:hunter2@127.0.0.1:1", "redis://h?prefix={a}",
		"redis+sentinel://u:hunter2@127.0.0.1:1?master=m", "redis://127.0.0.1:1?replica_timeout=hunter2x",
	} {
		open, err := storeOf(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err = open(ctx, slog.New(slog.DiscardHandler))
		cancel()
		if err == nil || !strings.HasPrefix(err.Error(), "MARU_STORE: ") || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "hunter2@") {
			t.Errorf("%q: %v", address, err)
			continue
		}
		t.Log(err)
	}
}

// Servers on one store have one secret, unless the environment says another.
func TestStoreShared(t *testing.T) {
	redis := redistest.Start(t)
	for _, address := range []string{"sqlite:" + filepath.Join(t.TempDir(), "maru.db"), "redis://" + redis.Addr(), redis.URL()} {
		var first []byte
		for range 2 {
			open, err := storeOf(address)
			if err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			st, err := open(t.Context(), slog.New(slog.NewTextHandler(&said, nil)))
			if err != nil {
				t.Fatal(err)
			}
			if redis := st.keeper == "Redis"; redis != strings.Contains(said.String(), "appendfsync always") {
				t.Errorf("%s said %q", st.keeper, &said)
			}
			all, err := secrets(t.Context(), server.Env{}, st)
			if err != nil || len(all) != 1 || len(all[0]) < 32 || first != nil && !bytes.Equal(all[0], first) {
				t.Errorf("%s: %d secrets, %v", address, len(all), err)
			}
			first = all[0]
			own, err := secrets(t.Context(), server.Env{Secrets: []string{"sixteen-letters-1"}}, st)
			if err != nil || len(own) != 1 || string(own[0]) != "sixteen-letters-1" {
				t.Errorf("%s: %q, %v", address, own, err)
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
