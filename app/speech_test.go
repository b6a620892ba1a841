package app

import (
	"strconv"
	"testing"
	"time"
)

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
