// Command maru serves the chat: the app for the browser, and the rooms.
//
// It is configured by the environment alone; README.md lists the variables.
// maru backup FILE copies the rooms while a server runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"maru/backend/server"
	"maru/public"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the process at once
	}()
	do := run
	if len(os.Args) > 1 {
		do = func(ctx context.Context) error { return command(ctx, os.Args[1:]) }
	}
	if err := do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "maru:", err)
		os.Exit(1)
	}
}

// drain is how long connections may take to end in good order.
const drain = 8 * time.Second

func run(ctx context.Context) (err error) {
	env, err := server.ReadEnv(os.Getenv)
	if err != nil {
		return err
	}
	open, err := storeOf(env.Store)
	if err != nil {
		return err
	}
	// The port comes first: whoever can't listen makes no files.
	l, err := net.Listen("tcp", ":"+env.Port)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("PORT: %s is in use; another one can be set, such as PORT=8081", env.Port)
	}
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // closed already, if all went well
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	st, err := open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	secrets, err := secrets(ctx, env, st)
	if err != nil {
		return err
	}
	srv, err := server.New(server.Config{Store: st.Store, Secrets: secrets, Public: public.Files, Lang: env.Lang,
		URL: env.URL, Origins: env.Origins, Proxies: env.Proxies, Limits: env.Limits, Logger: log, Keeper: st.keeper, Keep: env.Keep})
	if err != nil {
		return err
	}
	return serve(ctx, srv, l)
}

// secrets are those of the environment, or the one that is kept with the data.
func secrets(ctx context.Context, env server.Env, st kept) ([][]byte, error) {
	var all [][]byte
	for _, s := range env.Secrets {
		all = append(all, []byte(s))
	}
	if len(all) > 0 {
		return all, nil
	}
	own, err := st.secret(ctx)
	return [][]byte{own}, err
}

// serve listens until ctx ends, then lets everybody go.
func serve(ctx context.Context, srv *server.Server, l net.Listener) (err error) {
	h := server.HTTP(srv)
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	fmt.Printf("maru: http://localhost:%d\n", l.Addr().(*net.TCPAddr).Port)
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	down, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	// Nobody connects here any more while those who are here are let go, so that
	// whoever comes back finds another instance.
	stopped := make(chan error, 1)
	go func() { stopped <- h.Shutdown(down) }()
	closing := srv.Close(down)
	stopping := <-stopped
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, closing, stopping)
}
