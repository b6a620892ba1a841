package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for anything that it expects.
const patience = 40 * time.Second

// What all tests share: the binary, and one browser in which each person has a
// context of their own, with their own storage and service worker.
var (
	binary  string
	browser context.Context
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if binary, err = findBinary(); err != nil {
		return 1, err
	}
	if _, err := exec.LookPath("node"); err != nil {
		return 1, fmt.Errorf("node is needed for the stock client: %w", err)
	}
	profile, err := os.MkdirTemp("", "maru-e2e-*")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(profile)) }()
	stop, err := startBrowser(profile)
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// findBinary returns the binary that MARU_BIN names, or builds it.
func findBinary() (string, error) {
	if name := os.Getenv("MARU_BIN"); name != "" {
		return filepath.Abs(name)
	}
	cmd := exec.Command("make", "-C", "../..", "build")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("make build: %w", err)
	}
	return filepath.Abs("../../bin/maru")
}

func findChromium() (string, error) {
	for _, name := range []string{os.Getenv("MARU_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium; backend/e2e/setup installs it")
}

// startBrowser starts the shared browser; stop ends it.
func startBrowser(profile string) (stop func(), err error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.WindowSize(1280, 800),
	}
	for _, flag := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	// The browser shows notifications by itself: where the system has nothing that does,
	// it loses some of what it is given while it finds that out.
	options = append(options, chromedp.Flag("disable-features", "SystemNotifications,NativeNotifications"))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	stop = func() {
		stopBrowser()
		stopAllocator()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	browser = ctx
	return stop, nil
}

// wait asks until done says yes; got is what there was instead, for the report.
func wait(t testing.TB, what string, done func() (ok bool, got any)) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, got := done()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s; there is %+v", patience, what, got)
		}
		<-tick.C
	}
}
