package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"

	"maru/backend/chaos/rig"
)

// clusterCommand runs instances on a Redis of their own behind a balancer until
// ctx ends. Nothing of it is left then.
func clusterCommand(ctx context.Context, args []string) (err error) {
	f := flag.NewFlagSet("cluster", flag.ExitOnError)
	binary := f.String("binary", "bin/maru", "the server")
	instances := f.Int("instances", 3, "how many instances")
	port := f.String("port", cmp.Or(os.Getenv("PORT"), "8080"), "where the balancer listens; PORT is its default")
	if err := f.Parse(args); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "maru-cluster-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	w, err := newServers(folder, *binary, "redis", *instances)
	defer func() { err = errors.Join(err, w.Close()) }()
	if err != nil {
		return err
	}
	var targets []string
	for _, s := range w.servers {
		targets = append(targets, s.Addr())
	}
	if w.balancer, err = rig.Balance(":"+*port, true, targets...); err != nil {
		return fmt.Errorf("PORT: %w", err)
	}
	for i, s := range w.servers {
		fmt.Printf("instance %d: http://%s\n", i+1, s.Addr())
	}
	_, bound, err := net.SplitHostPort(w.balancer.Addr())
	if err != nil {
		return err
	}
	fmt.Printf("Redis: %s\nmaru: http://localhost:%s goes to another instance with each request; Ctrl-C ends all\n", w.redis.Addr(), bound)
	<-ctx.Done()
	fmt.Println("ending")
	for _, s := range w.servers {
		err = errors.Join(err, s.Term())
	}
	return err
}
