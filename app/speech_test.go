package app

import (
	"strconv"
	"testing"
	"time"

	"maru/app/wire/text"
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

// A message of one's own that is refused is told once, whatever else one wants to hear; one
// that was refused before the page began is not.
func TestSpeechTellsOfWhatWasNotSent(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	s.keep.setPref(keepSpeak, "none")
	r := c.inside("방", said("a", 0))
	r.Failed = 1
	s.room = "방"
	for _, step := range []struct {
		failed int
		want   string
	}{{1, ""}, {1, ""}, {2, text.Ko.T(text.SpokenFailed)}, {2, ""}, {1, ""}, {2, text.Ko.T(text.SpokenFailed)}} {
		*now = now.Add(time.Minute)
		s.tick()
		r.Failed = step.failed
		if s.refresh(); s.spoken.said != step.want {
			t.Errorf("with %d refused it says %q, want %q", step.failed, s.spoken.said, step.want)
		}
	}
}
