package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// The server dies without a word while two people talk, and starts again. They
// come back by themselves; what they wrote meanwhile arrives; nothing is there
// twice, and nothing is missing.
func TestServerCrashLosesNothing(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	both := []*person{soi, minjun}
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	var want []string
	for i := range 5 {
		text := fmt.Sprintf("먼저 %d", i)
		want = append(want, text)
		both[i%2].say(text)
		for _, p := range both {
			p.hears([]string{"소이", "민준"}[i%2], text)
		}
	}
	for _, p := range both {
		p.expect(lostConnection)
	}
	s.kill()
	for _, p := range both {
		p.until(`!document.querySelector('#maru[data-link="online"]')`)
	}
	for i, p := range both {
		for j := range 2 {
			text := fmt.Sprintf("그동안 %d-%d", i, j)
			want = append(want, text)
			p.say(text)
			p.sees("it pending", func(l line) bool { return l.Pending && l.Text == text })
		}
	}
	s.start()
	for _, p := range both {
		p.online()
	}
	soi.say("다시 왔어요")
	want = append(want, "다시 왔어요")
	slices.Sort(want)
	for _, p := range both {
		wait(t, "everything once", func() (bool, any) {
			got := p.said()
			slices.Sort(got)
			return slices.Equal(got, want), got
		})
		p.until(`!document.querySelector('.msg.pending')`)
	}
	wait(t, "both to see one order", func() (bool, any) {
		return slices.Equal(soi.said(), minjun.said()), [][]string{soi.said(), minjun.said()}
	})
	soi.people("민준", "소이")
}
