package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"maru/backend/server"
	"maru/backend/store/sqlitestore"
)

// command does what the arguments say, beside a server that may be running.
func command(ctx context.Context, args []string) error {
	if len(args) != 2 || args[0] != "backup" || args[1] == "" {
		return errors.New("usage: maru, or maru backup FILE")
	}
	env, err := server.ReadEnv(os.Getenv)
	if err != nil {
		return err
	}
	path, ok := strings.CutPrefix(env.Store, "sqlite:")
	if !ok {
		return errors.New("MARU_STORE: only sqlite:PATH is backed up by maru; Redis has ways of its own")
	}
	if err := sqlitestore.Backup(ctx, path, args[1]); err != nil {
		return err
	}
	fmt.Println("maru: backed up to", args[1])
	return nil
}
