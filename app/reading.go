package app

import (
	"time"

	"maru/app/chat"
)

// reading is how far a person has read a room, and what stands behind that. All
// places are seqs of the room's log, so that they mean the same on every device.
type reading struct {
	known    bool      // where the room was read to is
	inside   time.Time // since when the server has its say, not only what this device had kept; zero: not yet
	read     int64
	head     int64 // up to here lines are counted
	fills    int64
	n        int         // posts of others that were not read
	mentions int         // those of them that concern the reader
	failed   int         // posts of one's own that were refused
	fresh    []chat.Item // posts that the last count has added, at most keepFresh

	line   int64 // the unread line stands behind this place; 0: there is none
	behind int   // posts of others behind the line
}

const keepFresh = 4

// readTo is the reading of a room of which nothing is left to read.
func readTo(r chat.Room) reading {
	return reading{known: true, read: r.Head, head: r.Head, fills: r.Fills}
}

// count takes in what is new in a room. Its cost grows with what is new, and
// after a gap was filled with what is not read. What was said before one came to
// a room for the first time is not new.
func (g *reading) count(c Chat, r chat.Room) (added int) {
	g.fresh = nil
	if !g.known {
		if kept := r.Kept && r.Read > 0; !kept && (r.Phase != chat.Inside || r.Loading) {
			return 0
		}
		*g = readTo(r)
		if r.Read == 0 || r.Read >= r.Head {
			return 0
		}
		g.read, g.head = r.Read, -1 // one was here before, and is told what came since
	}
	if g.head > r.Head { // the log that was read is gone; this is another one
		g.read, g.line, g.head = 0, 0, -1
	}
	if r.Head == g.head && r.Fills == g.fills {
		return 0
	}
	from, news := g.head, g.head
	if g.head < g.read {
		news = r.Head // it is counted again, and nothing of it is news
	}
	if r.Fills != g.fills || g.head < g.read {
		from, g.n, g.mentions = g.read, 0, 0
	}
	g.head, g.fills = r.Head, r.Fills
	added = g.add(c, c.Items(r.Name, c.After(r.Name, from), r.Len), from, news, r)
	g.behind = max(g.behind, g.n)
	return added
}

// add counts posts of others behind a place, and tells how many are news. A gap
// counts for all that may be in it, until it is filled.
func (g *reading) add(c Chat, items []chat.Item, from, news int64, r chat.Room) (added int) {
	for _, it := range items {
		switch {
		case it.Kind == chat.Gap:
			g.n += int(min(it.Posts, it.To-max(it.From-1, from)))
		case countable(it):
			g.n++
			if concerns(c, it, r) {
				g.mentions++
			}
			if it.Seq <= news {
				continue
			}
			added++
			if g.fresh = append(g.fresh, it); len(g.fresh) > keepFresh {
				g.fresh = g.fresh[1:]
			}
		}
	}
	return added
}

// countable tells whether a line is something to read: what another person wrote.
func countable(it chat.Item) bool { return it.Kind == chat.Post && !it.Own }

// upTo notes that all up to a place was read, here or elsewhere. It never goes
// back. What is left is to be counted again.
func (g *reading) upTo(seq int64) bool {
	if !g.known || seq <= g.read {
		return false
	}
	g.read, g.n, g.mentions = seq, 0, 0
	if seq < g.head {
		g.head = -1
	}
	return true
}

// draw puts the unread line where reading has stopped, or takes it away.
func (g *reading) draw() {
	g.line, g.behind = 0, 0
	if g.n > 0 {
		g.line, g.behind = g.read, g.n
	}
}

// unreadLine is the place that the unread line of the room in view stands behind, and
// how many posts of others there are behind it; 0 if there is none.
func (s *state) unreadLine() (place int64, behind int) {
	if g := s.reading[s.room]; g != nil {
		return g.line, g.behind
	}
	return 0, 0
}

// erase takes the unread line away.
func (g *reading) erase() { g.line, g.behind = 0, 0 }

// firstBehind finds the first line behind a place that is to be read: a post of
// somebody else, or a gap in which there may be one. Its index is -1 if there is
// none.
func firstBehind(c Chat, r chat.Room, seq int64) (index int, key string) {
	const step = 32
	for from := c.After(r.Name, seq); from < r.Len; from += step {
		for i, it := range c.Items(r.Name, from, from+step) {
			if it.Kind == chat.Gap || countable(it) {
				return from + i, it.Key
			}
		}
	}
	return -1, ""
}

// gaze is what the person looks at: whether the window has the focus, and
// whether the last line of the room in view is seen.
type gaze struct {
	focused bool
	end     bool
	seq     int64     // what was last seen
	since   time.Time // when looking at it began; zero: it is not looked at
	told    time.Time // when other devices were told
}

// gazeFor is how long something must be seen to be read.
const gazeFor = 600 * time.Millisecond

// tellEvery is how often other devices are told how far was read, so that a busy
// room does not make each of its readers write as often as all its writers.
const tellEvery = 3 * time.Second

// attending tells whether what comes into the room in view is seen.
func (s *state) attending() bool {
	return s.inRoom() && s.aside == nil && s.arriving.pass == "" && s.gaze.focused && s.gaze.end
}

// look marks as read what the person has seen for long enough.
func (s *state) look() {
	r, ok := s.chat.Room(s.room)
	g := s.reading[s.room]
	if !ok || g == nil || !s.attending() {
		s.gaze.since = time.Time{}
		return
	}
	now := s.now()
	if !s.gaze.since.IsZero() && now.Sub(s.gaze.since) >= gazeFor {
		s.markRead(r, g, s.gaze.seq)
		s.gaze.since = time.Time{}
	}
	if s.gaze.since.IsZero() {
		s.gaze.seq, s.gaze.since = r.Head, now
	}
}

// markRead notes that all up to a place was read, here and for other devices.
func (s *state) markRead(r chat.Room, g *reading, seq int64) {
	if g.upTo(seq) {
		s.keep.setRead(r.Name, seq)
		g.count(s.chat, r)
		s.roomsRev++
		unnotify(r.Name)
	}
	if seq > r.Read && s.now().Sub(s.gaze.told) >= tellEvery {
		s.tellRead()
	}
}

// tellRead tells other devices how far the room in view was read.
func (s *state) tellRead() {
	r, ok := s.chat.Room(s.room)
	if g := s.reading[s.room]; ok && g != nil && g.read > r.Read {
		s.gaze.told = s.now()
		s.chat.Read(r.Name, g.read)
	}
}

// readAll is the person's word that nothing is left to read here.
func (s *state) readAll() {
	if r, ok := s.chat.Room(s.room); ok && s.reading[s.room] != nil {
		g := s.reading[s.room]
		g.erase()
		s.markRead(r, g, r.Head)
		s.tellRead()
	}
}

// unseen tells that something in view is about to become read by being seen.
func (s *state) unseen() bool {
	g, r := s.reading[s.room], chat.Room{}
	if g != nil && s.attending() {
		r, _ = s.chat.Room(s.room)
	}
	return r.Head > r.Read
}

// openingFor is how long what was missed may take to come after one was let into a
// room that was shown as it was kept.
const openingFor = 2 * time.Second

// opening tells that the unread line may still have to be put where it belongs for the
// visit.
func (s *state) opening(g *reading) bool {
	return g.inside.IsZero() || s.now().Sub(g.inside) < openingFor
}

// countUnread counts in all rooms, and has what is new in the one in view read
// out. Lines that come as history are not behind what was read, so they are
// neither.
func (s *state) countUnread() {
	for _, name := range s.chat.Rooms() {
		if r, ok := s.chat.Room(name); ok {
			s.countIn(r)
		}
	}
	s.look()
}

func (s *state) countIn(r chat.Room) {
	g := s.reading[r.Name]
	if g == nil {
		g = &reading{}
		s.reading[r.Name] = g
	}
	n, mentions, kept := g.n, g.mentions, g.known
	added := s.readOn(g, r)
	if r.Name == s.room {
		s.speak(added, g.fresh)
		s.speakFailed(r.Failed > g.failed && kept) // those of before the page began are no news
	}
	g.failed = r.Failed
	if added > 0 {
		s.notify(r, g)
	}
	if g.n != n || g.mentions != mentions {
		s.roomsRev++
	}
	if r.Len > chat.LongRoom && (r.Name != s.room || s.gaze.end && s.jump == 0) {
		s.chat.Trim(r.Name)
	}
}

// readOn takes in how far a room was read and what is new in it, and draws the unread
// line where it has to be drawn.
func (s *state) readOn(g *reading, r chat.Room) (added int) {
	n, first, kept := g.n, s.opening(g), g.known
	if !kept && r.Kept && r.Read > 0 {
		r.Read = min(max(r.Read, s.keep.read(r.Name)), r.Head)
	}
	moved := g.upTo(r.Read)
	added = g.count(s.chat, r)
	here := r.Name == s.room && s.attending()
	if n == 0 && g.n > 0 && (!here || first && g.line == 0) || moved && g.inside.IsZero() && g.line > 0 {
		g.draw()
	}
	if g.known && g.inside.IsZero() && r.Phase == chat.Inside {
		if g.inside = s.now(); !kept {
			g.inside = g.inside.Add(-openingFor) // it has come whole
		}
	}
	return added
}
