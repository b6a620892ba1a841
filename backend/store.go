package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"maru/backend/server"
	"maru/backend/store"
	"maru/backend/store/redisstore"
	"maru/backend/store/sqlitestore"
)

// patience is how long a store may take to answer when the server starts.
const patience = 10 * time.Second

// kept is a store and what goes with it.
type kept struct {
	store.Store
	keeper string // its name, for people
	// secret is one that is kept with the data, made when it is asked first.
	secret func(context.Context) ([]byte, error)
}

// storeOf reads MARU_STORE, and opens nothing yet. Its errors don't quote it,
// since it may have a password in it.
func storeOf(address string) (open func(context.Context, *slog.Logger) (kept, error), err error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return func(context.Context, *slog.Logger) (kept, error) { return openSQLite(path) }, nil
	}
	if redisstore.IsAddress(address) {
		return func(ctx context.Context, log *slog.Logger) (kept, error) { return openRedis(ctx, address, log) }, nil
	}
	return nil, errors.New("MARU_STORE: is neither of the form sqlite:PATH nor redis://HOST:PORT")
}

func openSQLite(path string) (kept, error) {
	st, err := sqlitestore.Open(path, sqlitestore.Options{})
	if err != nil {
		return kept{}, err
	}
	return kept{st, "SQLite", func(context.Context) ([]byte, error) {
		return server.Secret(filepath.Join(filepath.Dir(path), "secret"))
	}}, nil
}

func openRedis(ctx context.Context, address string, log *slog.Logger) (kept, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	redisstore.LogTo(log)
	st, err := redisstore.Open(ctx, address, redisstore.Options{})
	if err != nil {
		return kept{}, fmt.Errorf("MARU_STORE: %w", err)
	}
	if st.Durability() == store.Memory {
		log.Warn("Redis does not say that it syncs each write to its disk (appendonly yes, appendfsync always): " +
			"if it loses power, what was acknowledged last can be lost")
	}
	return kept{st, "Redis", st.Secret}, nil
}
