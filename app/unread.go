package app

import (
	"time"

	"maru/app/chat"
	"maru/app/wire/text"
)

// mark is how far a room was read, and how many posts of others came after.
type mark struct {
	key   string // of the last line that was counted
	rev   int64
	n     int
	first string      // the first post that was counted
	fresh []chat.Item // what the last count has added, at most keepFresh of it
}

const keepFresh = 4

// count takes in what is new in a room. Its cost grows with what is new, not
// with the room. The first time it only notes where the room ends.
func (m *mark) count(c Chat, r chat.Room) {
	m.fresh = nil
	if m.rev == r.Rev || r.Len == 0 {
		return
	}
	m.rev = r.Rev
	from := -1
	if m.key != "" {
		from = c.Index(r.Name, m.key)
	}
	if from < 0 {
		m.key = lastSettled(c.Items(r.Name, max(r.Len-context, 0), r.Len))
		return
	}
	items := c.Items(r.Name, from+1, r.Len)
	for _, it := range items {
		if it.Kind == chat.Post && !it.Own {
			if m.n++; m.n == 1 {
				m.first = it.Key
			}
			m.fresh = append(m.fresh, it)
		}
	}
	if len(m.fresh) > keepFresh {
		m.fresh = m.fresh[len(m.fresh)-keepFresh:]
	}
	if key := lastSettled(items); key != "" {
		m.key = key
	}
}

// lastSettled returns the key of the last line that keeps its place: lines
// that come in are put above those that are not sent yet.
func lastSettled(items []chat.Item) string {
	for i := len(items) - 1; i >= 0; i-- {
		if items[i].State == chat.Sent && items[i].Kind != chat.Gap {
			return items[i].Key
		}
	}
	return ""
}

// countUnread counts in all rooms, and has what is new in the one in view read
// out. Lines that come as history are not above the mark, so they are neither.
func (s *state) countUnread() {
	for _, name := range s.chat.Rooms() {
		r, ok := s.chat.Room(name)
		if !ok {
			continue
		}
		m := s.unread[name]
		if m == nil {
			m = &mark{}
			s.unread[name] = m
		}
		before := m.n
		m.count(s.chat, r)
		if name == s.room {
			s.speak(m.n-before, m.fresh)
			m.n = 0
		}
		if m.n != before {
			s.roomsRev++
		}
	}
}

// unreadTotal counts what is new in the rooms that are not in view.
func (s *state) unreadTotal() (n int) {
	for _, m := range s.unread {
		n += m.n
	}
	return n
}

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
		said += s.lang.T(text.LogSaid, it.Name, s.lang.Clock(s.local(it.At)), it.Text)
	}
	s.spoken.said = said
}
