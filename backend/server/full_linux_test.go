package server

import (
	ossignal "os/signal"
	"syscall"
	"testing"
	"time"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// While the disk takes nothing, messages are refused, kept by who wrote them,
// and sent as soon as there is room, without anybody doing anything.
func TestGuestsSurviveAFullDisk(t *testing.T) {
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	ossignal.Ignore(syscall.SIGXFSZ)
	limit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: old.Max}); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { limit(old.Cur) })
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		n := reach(i)
		soi, minjun := n.pair(t)
		soi.says("하나")
		soi.shows("하나")
		minjun.shows("하나")
		script := func() (int, map[string]any) {
			code, problem, _ := i.script().do("POST", "/api/rooms/방/messages", `{"username":"봇","text":"봇의 말"}`, "Idempotency-Key", "one")
			return code, problem
		}

		limit(0) // every write fails (RLIMIT_FSIZE)
		soi.says("둘", "셋")
		soi.Edit("방", soi.seq(0), "첫째")
		if code, problem := script(); code != 503 || problem["code"] != string(event.Unavailable) {
			t.Errorf("a full disk is answered with %d %v", code, problem)
		}
		<-time.After(20 * time.Second)
		if got := soi.texts("방"); got != "첫째 ?둘 ?셋" {
			t.Errorf("while the disk is full it shows %q", got)
		}
		minjun.shows("하나")

		limit(old.Cur)
		soi.shows("첫째 둘 셋")
		minjun.shows("첫째 둘 셋")
		if code, sent := script(); code != 201 {
			t.Errorf("with room again: %d %v", code, sent)
		}
		minjun.shows("첫째 둘 셋 봇의 말")
		soi.stop()
		minjun.stop()
		i.stop()
	})
}
