// Command chaos breaks a running Maru on purpose, and looks whether it keeps
// its promises.
//
//	chaos [run]        people talk while things break; then every history is judged
//	chaos judge FILE   judge a history that was kept
//	chaos cluster      three instances on a Redis behind a balancer, for trying it by hand
//	chaos storm        a thousand clients lose the server at once
//
// Each has flags, which -h lists.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"maru/backend/chaos/judge"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		stop()
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	name := "run"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	switch name {
	case "run":
		return runCommand(ctx, args)
	case "judge":
		return judgeCommand(args)
	case "cluster":
		return clusterCommand(ctx, args)
	case "storm":
		return stormCommand(ctx, args)
	}
	return fmt.Errorf("%q is none of run, judge, cluster, storm", name)
}

func runCommand(ctx context.Context, args []string) error {
	p := plan{Out: os.Stdout}
	f := flag.NewFlagSet("run", flag.ExitOnError)
	f.Uint64Var(&p.Seed, "seed", 0, "decides which faults come when, and who writes when; 0 takes one at random")
	f.DurationVar(&p.Duration, "duration", 2*time.Minute, "how long things break")
	f.StringVar(&p.Binary, "binary", "bin/maru", "the server")
	f.StringVar(&p.Store, "store", "redis", "redis or sqlite")
	f.IntVar(&p.Instances, "instances", 3, "how many instances")
	f.IntVar(&p.People, "people", 8, "how many use the product's own client")
	f.IntVar(&p.Stock, "stock", 2, "how many use a client that knows Socket.IO alone")
	f.IntVar(&p.Rooms, "rooms", 3, "how many rooms")
	f.Float64Var(&p.Rate, "rate", 30, "messages a second of all together")
	f.BoolVar(&p.Replay, "replay", true, "proxy and clients send a GET again whose connection broke off before the answer")
	f.StringVar(&p.History, "history", "", "a file for the history, whatever comes of it")
	f.StringVar(&p.Keep, "keep", "bin/histories", "where the history goes of a run that breaks a promise")
	if err := f.Parse(args); err != nil {
		return err
	}
	if p.Seed == 0 {
		p.Seed = rand.Uint64N(1_000_000) + 1
	}
	return chaos(ctx, p)
}

func judgeCommand(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("judge: which history?")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := judge.Read(f)
	if err != nil {
		return err
	}
	found := judge.Check(lines, judge.Options{Linger: linger, Recovery: recovery})
	fmt.Print(judge.Measure(lines))
	for _, v := range found {
		fmt.Println(v)
	}
	if len(found) > 0 {
		return errBroken
	}
	return nil
}
