package app

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"maru/app/chat"
	"maru/app/probe"
	"maru/app/wire/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeRoom is a room of a fakeChat, as a test wants it to be.
type fakeRoom struct {
	chat.Room
	items []chat.Item
}

// fakeChat is a chat that does what a test tells it to.
type fakeChat struct {
	link  chat.Link
	order []string
	rooms map[string]*fakeRoom
	calls []string
	why   *event.Error // what Post answers

	unsent  []chat.Membership
	found   chat.Findings
	passing chat.Passing
	glance  chat.Glance
}

func newFakeChat() *fakeChat {
	return &fakeChat{link: chat.Link{State: chat.Online}, rooms: map[string]*fakeRoom{}}
}

func (c *fakeChat) called(s string) { c.calls = append(c.calls, s) }

func (c *fakeChat) Enter(room, name string) {
	c.called("enter " + room + " " + name)
	if c.rooms[room] == nil {
		c.rooms[room] = &fakeRoom{Room: chat.Room{Name: room, As: name}}
		c.order = append(c.order, room)
	}
}

func (c *fakeChat) Exit(room string) {
	c.called("exit " + room)
	c.forget(room)
}

func (c *fakeChat) Pause(room string) {
	c.called("pause " + room)
	c.forget(room)
}

func (c *fakeChat) forget(room string) {
	delete(c.rooms, room)
	c.order = slices.DeleteFunc(c.order, func(r string) bool { return r == room })
}

func (c *fakeChat) Reply(room string, seq int64, text string) *event.Error {
	call := "post " + room + " " + text
	if seq > 0 {
		call += " to " + strconv.FormatInt(seq, 10)
	}
	c.called(call)
	return c.why
}

func (c *fakeChat) Quote(room string, seq int64) chat.Quote {
	for _, it := range c.rooms[room].items {
		if it.Kind == chat.Post && it.Seq == seq && seq > 0 {
			return chat.Quote{Seq: seq, Known: true, ID: it.ID, Name: it.Name, Text: it.Text, Own: it.Own, Deleted: it.Deleted}
		}
	}
	return chat.Quote{Seq: seq}
}

func (c *fakeChat) Edit(room string, seq int64, text string) *event.Error {
	c.called("edit " + strconv.FormatInt(seq, 10) + " " + text)
	return c.why
}

func (c *fakeChat) Delete(room string, seq int64) *event.Error {
	c.called("delete " + strconv.FormatInt(seq, 10))
	return c.why
}

func (c *fakeChat) React(room string, seq int64, emoji string, on bool) *event.Error {
	c.called("react " + strconv.FormatInt(seq, 10) + " " + emoji + " " + strconv.FormatBool(on))
	return c.why
}

func (c *fakeChat) MakePass()               { c.called("make pass") }
func (c *fakeChat) TakePass(pass string)    { c.called("take " + pass) }
func (c *fakeChat) DropPass()               { c.called("drop pass") }
func (c *fakeChat) Become()                 { c.called("become") }
func (c *fakeChat) Passing() chat.Passing   { return c.passing }
func (c *fakeChat) Peek(room string)        { c.glance = chat.Glance{Room: room}; c.called("peek " + room) }
func (c *fakeChat) Peeked() chat.Glance     { return c.glance }
func (c *fakeChat) Typing(string, bool)     {}
func (c *fakeChat) Retry(room, id string)   { c.called("retry " + id) }
func (c *fakeChat) Discard(room, id string) { c.called("discard " + id) }
func (c *fakeChat) Older(room string)       { c.called("older " + room) }
func (c *fakeChat) Fill(room, key string)   { c.called("fill " + key) }
func (c *fakeChat) FillUp(room, key string) { c.called("fill up " + key) }
func (c *fakeChat) Missing() int64          { return 3 }
func (c *fakeChat) Trim(room string)        { c.called("trim " + room) }
func (c *fakeChat) ShelfChanged()           { c.called("shelf") }

func (c *fakeChat) Unsent() []chat.Membership { return c.unsent }

func (c *fakeChat) ConnectNow()              { c.called("connect") }
func (c *fakeChat) SetOnline(bool)           {}
func (c *fakeChat) Visible()                 {}
func (c *fakeChat) Changed() <-chan struct{} { return nil }
func (c *fakeChat) Link() chat.Link          { return c.link }
func (c *fakeChat) Rooms() []string          { return slices.Clone(c.order) }

func (c *fakeChat) Room(room string) (chat.Room, bool) {
	r := c.rooms[room]
	if r == nil {
		return chat.Room{}, false
	}
	return r.Room, true
}

func (c *fakeChat) Items(room string, from, to int) []chat.Item {
	r := c.rooms[room]
	if r == nil {
		return nil
	}
	from, to = max(from, 0), min(to, len(r.items))
	if from >= to {
		return nil
	}
	return slices.Clone(r.items[from:to])
}

func (c *fakeChat) Find(room, text string) { c.called("find " + room + " " + text) }

func (c *fakeChat) FindMore() { c.called("find more") }

func (c *fakeChat) Findings() chat.Findings { return c.found }

func (c *fakeChat) At(room string, seq int64) (key string, missing bool) {
	for _, it := range c.rooms[room].items {
		if it.Kind == chat.Gap && it.From <= seq && seq <= it.To {
			return it.Key, true
		}
		if it.Seq >= seq {
			return it.Key, false
		}
	}
	return "", false
}

func (c *fakeChat) Index(room, key string) int {
	r := c.rooms[room]
	if r == nil {
		return -1
	}
	return slices.IndexFunc(r.items, func(it chat.Item) bool { return it.Key == key })
}

// After takes the place of a line for its seq, unless it has one.
func (c *fakeChat) After(room string, seq int64) int {
	r := c.rooms[room]
	if r == nil {
		return 0
	}
	i := slices.IndexFunc(r.items, func(it chat.Item) bool { return it.State == chat.Sent && max(it.Seq, it.To) > seq })
	if i < 0 {
		return len(r.items)
	}
	return i
}

func (c *fakeChat) Read(room string, seq int64) {
	c.called("read " + room + " " + strconv.FormatInt(seq, 10))
	c.rooms[room].Room.Read = seq
}

// inside lets one into a room with these lines.
func (c *fakeChat) inside(room string, items ...chat.Item) *fakeRoom {
	c.Enter(room, "소이")
	c.calls = nil
	r := c.rooms[room]
	r.Phase, r.Me, r.Count = chat.Inside, "u-me", 2
	r.Users = []event.User{{ID: "u-me", Username: "소이"}, {ID: "u-a", Username: "<b>민준</b>"}}
	r.add(items...)
	return r
}

// add puts lines at the end, each with a key if it has none.
func (r *fakeRoom) add(items ...chat.Item) {
	for _, it := range items {
		if it.Key == "" {
			it.Key = "k" + strconv.Itoa(len(r.items))
		}
		if it.State == chat.Sent && it.Kind != chat.Gap && it.Kind != chat.Welcome && it.Seq == 0 {
			it.Seq = r.Head + 1
		}
		r.Head = max(r.Head, it.Seq, it.To)
		r.items = append(r.items, it)
	}
	r.Len = len(r.items)
	r.Rev++
}

// memory is a storage that only a test has.
type memory map[string]string

func (m memory) Get(key string) string { return m[key] }

func (m memory) Set(key, value string) {
	if value == "" {
		delete(m, key)
		return
	}
	m[key] = value
}

// newTestState makes a state whose clock stands until the test moves it.
func newTestState(c Chat) (*state, *time.Time) {
	now := noon
	s := newState(c, &fakeProbe{}, kept{browser: memory{}, tab: memory{}}, func() time.Time { return now })
	s.local = utc
	return s, &now
}

// fakeProbe is a probe that has seen what a test tells it.
type fakeProbe struct {
	samples []probe.Sample
	outages []probe.Outage
	trials  []probe.Trial
}

func (p *fakeProbe) Open(func())           {}
func (p *fakeProbe) Close()                {}
func (p *fakeProbe) Try()                  {}
func (p *fakeProbe) Trials() []probe.Trial { return p.trials }

func (p *fakeProbe) Recent(time.Time) ([]probe.Sample, []probe.Outage) { return p.samples, p.outages }
