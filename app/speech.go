package app

import (
	"slices"
	"time"

	"maru/app/chat"
	"maru/app/wire/text"
)

// speech is what a screen reader is told of new messages: each once, and of
// many only how many.
type speech struct {
	said  string
	until time.Time
	from  time.Time // when the present burst began
	burst int
}

const (
	speakFor  = time.Second     // how long it stands in the page: shorter is missed by some
	burstOf   = 3               // more messages than this
	burstTime = 2 * time.Second // within this time are only counted
)

func (s *state) speak(n int, items []chat.Item) {
	items, n = s.heard(items, n)
	if n == 0 {
		return
	}
	now := s.now()
	if now.Sub(s.spoken.from) > burstTime {
		s.spoken.from, s.spoken.burst = now, 0
	}
	s.spoken.burst += n
	s.spoken.until = now.Add(speakFor)
	if s.spoken.burst > burstOf || len(items) == 0 {
		s.spoken.said = s.lang.N(text.LogNew, s.spoken.burst)
		return
	}
	said := ""
	for _, it := range items {
		if said != "" {
			said += "\n"
		}
		words := it.Text
		if q := s.chat.Quote(s.room, it.ReplyTo); q.Known && !q.Deleted {
			words = s.lang.T(text.ReplyTo, q.Name) + ": " + words
		}
		said += s.lang.T(text.LogSaid, it.Name, s.lang.Clock(s.local(it.At)), words)
	}
	s.spoken.said = said
}

// speakFailed says that what one has written was not sent: that is heard whatever else
// is wanted.
func (s *state) speakFailed(failed bool) {
	if failed {
		s.spoken.said, s.spoken.until = s.lang.T(text.SpokenFailed), s.now().Add(speakFor)
	}
}

// heard leaves out what the person does not want to be told.
func (s *state) heard(items []chat.Item, n int) ([]chat.Item, int) {
	switch s.keep.pref(keepSpeak) {
	case "none":
		return nil, 0
	case "mentions":
		r, _ := s.chat.Room(s.room)
		items = slices.DeleteFunc(slices.Clone(items), func(it chat.Item) bool { return !concerns(s.chat, it, r) })
		return items, len(items)
	}
	return items, n
}
