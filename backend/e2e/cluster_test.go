package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// startRedis runs a Redis until the test ends, and returns its address.
func startRedis(t testing.TB) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "",
		"--appendonly", "yes", "--appendfsync", "always")
	if err := cmd.Start(); err != nil {
		t.Fatalf("redis-server: %v; backend/e2e/setup installs it", err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // it tells of the kill
	})
	wait(t, "Redis to answer", func() (bool, any) { return answers(address) })
	return address
}

func answers(address string) (bool, any) {
	got, err := redis(address, "PING")
	return got == "+PONG", err
}

// redis sends a command that is answered with one line.
func redis(address, command string) (string, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }() // it was read, or is broken
	if _, err := io.WriteString(c, command+"\r\n"); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line), err
}

// Two people are in a room over two instances without affinity, one of them with
// WebSocket blocked, so that each of its requests reaches another instance than
// the one before. An instance is killed: they talk on, and neither is told of
// trouble. Then it comes back and the other one is killed. Nothing is lost or
// twice.
func TestInstanceDies(t *testing.T) {
	address := startRedis(t)
	env := "MARU_STORE=redis://" + address
	first, second := startServer(t, env), startServer(t, env)
	free, blocked := newProxy(t, first, second), newProxy(t, first, second)
	blocked.refuses.Store(true)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	for _, p := range []*person{soi, minjun} {
		p.expect(`WebSocket connection to|status of 50[234]|ERR_`) // of the instance that dies
	}
	soi.join(free.url, "소이", "기획팀")
	minjun.join(blocked.url, "민준", "기획팀")
	soi.people("민준", "소이")
	for _, p := range []*person{soi, minjun} {
		eval[bool](p, watchTrouble)
	}
	var want []string
	talk := func(n int) {
		for i := range n {
			text := fmt.Sprintf("글 %d", len(want))
			want = append(want, text)
			[]*person{soi, minjun}[i%2].say(text)
			for _, listener := range []*person{soi, minjun} {
				listener.hears([]string{"소이", "민준"}[i%2], text)
			}
		}
	}
	talk(6)
	first.kill()
	talk(6)
	for _, p := range []*person{soi, minjun} {
		if eval[bool](p, `window.toldOfTrouble`) {
			t.Error("the page told of trouble")
		}
	}
	first.start()
	second.kill()
	talk(6)
	for _, listener := range []*person{soi, minjun} {
		if got := listener.said(); !slices.Equal(got, want) {
			t.Errorf("there is %q, want %q", got, want)
		}
	}
	soi.people("민준", "소이")
	if n := len(blocked.servers); int(blocked.next.Load()) < 10*n || blocked.opened.Load() != 0 {
		t.Errorf("%d requests over %d instances, %d WebSockets", blocked.next.Load(), n, blocked.opened.Load())
	}
}

// watchTrouble notes whether the banner is shown, if only for a moment.
const watchTrouble = `(() => {
	window.toldOfTrouble = false
	new MutationObserver(() => { if (document.querySelector('.banner:not(.back)')) window.toldOfTrouble = true })
		.observe(document.body, { childList: true, subtree: true, attributes: true })
	return true
})()`

// Redis is emptied while people talk: they are told that the history is gone, and
// go on.
func TestHistoryIsLost(t *testing.T) {
	address := startRedis(t)
	s := startServer(t, "MARU_STORE=redis://"+address)
	blocked := newProxy(t, s)
	blocked.refuses.Store(true)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	for _, p := range []*person{soi, minjun} {
		p.expect(`WebSocket connection to|status of 400`) // of sessions that are gone with the rest
	}
	soi.join(s.url, "소이", "기획팀")
	minjun.join(blocked.url, "민준", "기획팀")
	soi.say("처음")
	minjun.hears("소이", "처음")
	if got, err := redis(address, "FLUSHALL"); got != "+OK" {
		t.Fatal(got, err)
	}
	soi.say("그다음")
	for _, p := range []*person{soi, minjun} {
		p.notices("지난 대화는 서버에 남아 있지 않아요. 여기부터 새로 시작해요.")
		p.hears("소이", "그다음")
	}
	minjun.say("이어서")
	for _, p := range []*person{soi, minjun} {
		p.hears("민준", "이어서")
		if got, want := p.said(), []string{"그다음", "이어서"}; !slices.Equal(got, want) {
			t.Errorf("there is %q, want %q", got, want)
		}
	}
	soi.people("민준", "소이")
}
