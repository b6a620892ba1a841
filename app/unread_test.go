package app

import (
	"strconv"
	"testing"
	"time"

	"maru/app/chat"
)

func TestUnreadCountsOthersOnce(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("둘째", said("a", 0), said("a", 1))
	c.inside("첫째")
	s.room = "첫째"
	s.refresh()
	if n := s.unreadTotal(); n != 0 {
		t.Fatalf("%d unread at the start", n)
	}
	own, pending := said("소이", 2), said("소이", 3)
	own.Own, pending.Own, pending.State = true, true, chat.Pending
	r.add(said("a", 2), own, came("b", 2), said("b", 2), pending)
	s.refresh()
	s.refresh()
	if n := s.unreadTotal(); n != 2 {
		t.Fatalf("%d unread, want 2", n)
	}
	// A line of somebody else comes in above the pending one.
	r.items = append(r.items[:len(r.items)-1], chat.Item{Key: "x", Kind: chat.Post, Name: "b"}, r.items[len(r.items)-1])
	r.Len, r.Rev = len(r.items), r.Rev+1
	s.refresh()
	if n := s.unreadTotal(); n != 3 {
		t.Fatalf("%d unread, want 3", n)
	}
	// Older lines are nothing new.
	r.items = append([]chat.Item{{Key: "old", Kind: chat.Post, Name: "a"}}, r.items...)
	r.Len, r.Rev = len(r.items), r.Rev+1
	s.refresh()
	if n := s.unreadTotal(); n != 3 || s.title() != "(3) 첫째 · 마루" {
		t.Errorf("%d unread, title %q", n, s.title())
	}
	s.show("둘째")
	if n := s.unreadTotal(); n != 0 {
		t.Errorf("%d unread after looking", n)
	}
}

func TestSpeechSaysEachOnceAndStormsAsACount(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	r := c.inside("방", said("a", 0))
	s.room = "방"
	s.refresh()
	if s.spoken.said != "" {
		t.Fatalf("history was read out: %q", s.spoken.said)
	}
	it := said("민지", 187)
	it.Text = "안녕하세요"
	r.add(it)
	s.refresh()
	if want := "민지님, 오후 3:07, 안녕하세요"; s.spoken.said != want {
		t.Fatalf("%q, want %q", s.spoken.said, want)
	}
	*now = now.Add(time.Second + time.Millisecond)
	s.tick()
	if s.spoken.said != "" {
		t.Fatalf("still there: %q", s.spoken.said)
	}
	*now = now.Add(time.Minute)
	for i := range 5 {
		r.add(said("a"+strconv.Itoa(i), 200))
		s.refresh()
	}
	if want := "새 메시지 5개"; s.spoken.said != want {
		t.Errorf("%q, want %q", s.spoken.said, want)
	}
	own := said("소이", 201)
	own.Own = true
	*now = now.Add(time.Minute)
	s.tick()
	r.add(own, came("b", 201))
	s.refresh()
	if s.spoken.said != "" {
		t.Errorf("own messages and notices were read out: %q", s.spoken.said)
	}
}
