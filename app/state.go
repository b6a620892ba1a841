package app

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/probe"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// Chat is what the page needs of a chat client; *chat.Client is one. No method
// may block, since all are called while the page stands still.
type Chat interface {
	MakePass()
	TakePass(pass string)
	DropPass()
	Become()
	Passing() chat.Passing
	Peek(room string)
	Peeked() chat.Glance
	Enter(room, name string)
	Exit(room string)
	Pause(room string)
	Reply(room string, seq int64, text string) *event.Error // without a seq to nothing
	Quote(room string, seq int64) chat.Quote
	Retry(room, id string)
	Discard(room, id string)
	Older(room string)
	Fill(room, key string)
	FillUp(room, key string)
	At(room string, seq int64) (key string, missing bool)
	Find(room, text string)
	FindMore()
	Findings() chat.Findings
	Missing() int64
	Unsent() []chat.Membership
	ShelfChanged()
	ConnectNow()
	SetOnline(online bool)
	Visible()
	Changed() <-chan struct{}
	Link() chat.Link
	Rooms() []string
	Room(room string) (chat.Room, bool)
	Items(room string, from, to int) []chat.Item
	Index(room, key string) int
	After(room string, seq int64) int
	Read(room string, seq int64)
	Trim(room string)
	Edit(room string, seq int64, text string) *event.Error
	Delete(room string, seq int64) *event.Error
	React(room string, seq int64, emoji string, on bool) *event.Error
	Typing(room string, on bool)
}

// Probe is what the connection page needs of a probe; *probe.Probe is one. No
// method may block.
type Probe interface {
	Open(changed func())
	Close()
	Try()
	Trials() []probe.Trial
	Recent(now time.Time) ([]probe.Sample, []probe.Outage)
}

// drawer is a side pane that slides in on a narrow screen.
type drawer byte

const (
	noDrawer drawer = iota
	roomsDrawer
	peopleDrawer
	settingsDrawer // over all
	switchDrawer   // over all
	inviteDrawer   // over all
	devicesDrawer  // over all
)

// state is what the window shows, beside what the chat client knows: which
// room, under which name, in which language. The UI goroutine alone uses it.
type state struct {
	chat  Chat
	probe Probe
	keep  kept
	now   func() time.Time
	local clock

	lang     text.Lang
	icon     string // the address of the app's icon
	iconNew  string // and of the one that says that there is something to read
	room     string // in view; empty: the join page
	asked    string // the room that the card is waiting to enter
	renaming bool   // the card is there for another name in the room in view
	another  another
	name     string // under which rooms are entered
	drawer   drawer
	closing  bool // the way back out of it was begun
	search   searching
	followed string    // the address that was followed last, or made by going to a line
	later    bool      // the person was told of another version, and will have it later
	jump     int64     // the seq of the line in the room in view to go to; 0: none
	leaving  bool      // the person is asked whether to leave the room in view
	opener   app.Value // what had the focus before the drawer was opened
	aside    *aside    // the connection page is in view, instead of a room or the card

	refusal *event.Error // what the card shows
	lost    bool         // the address leads nowhere, and the card says so

	lostAt     time.Time // since when there is no connection; zero: there is one
	backUntil  time.Time // until when the banner says that it is back
	tip        tip
	tipUntil   time.Time
	spoken     speech
	reading    map[string]*reading // of the rooms one is in
	gaze       gaze
	wake       func() // has what changes with time alone looked at
	unreadSaid string // how much there is to read in each room, as it was kept last; at first as it never is
	unreadSum  int
	greetings  map[string]string // by room: the welcome of the first entry, by its key

	filled   string // the draft that was put into the composer, or was kept of it last
	drafted  string // the room whose draft is in the composer; empty: none
	drafting bool   // it is kept in a moment

	roomsRev    int                  // changes with what the list of rooms shows
	chosenRev   int                  // changes with what was chosen
	asking      bool                 // whether to notify
	picking     bool                 // emoji are offered
	pickFor     string               // for the message with that key; empty: for the composer
	replies     map[string]answering // by room, as it was looked at: the message that is answered by what is being written
	editing     chat.Item            // the message that the composer has, to be edited; without a key: none
	arriving    arriving             // what another device has given to this one
	shared      string               // what another app wants to be said in a room that is to be chosen
	persisted   bool                 // the browser was asked to keep what is kept
	forgotten   bool                 // nothing is to be kept any more
	appleTab    bool                 // only the person can install the app
	installable bool
	updatable   bool      // another version of the app waits in the browser
	hiddenAt    time.Time // since when nobody can see the page; zero: it is in view
}

// tip says what became of copying.
type tip byte

const (
	noTip tip = iota
	copied
	notCopied
)

func newState(c Chat, p Probe, k kept, now func() time.Time) *state {
	return &state{chat: c, probe: p, keep: k, now: now, local: browserClock(), name: k.name(), lostAt: now(), reading: map[string]*reading{}, greetings: map[string]string{}, replies: map[string]answering{}, unreadSaid: "-", wake: func() {}}
}

// open shows the page at a path. A room is entered at once if this tab has a
// name, or one is in the room on this device already; else the card asks.
func (s *state) open(path string) {
	s.renaming, s.leaving, s.jump = false, false, 0
	if path == connectionPath {
		s.stepAside(false)
		return
	}
	s.aside = nil
	s.asked = ""
	room := ""
	room, s.refusal, s.lost = resolve(path)
	s.enter(room)
	if s.room == "" {
		return
	}
	anew := s.keep.tabName() == ""
	if anew {
		name := s.keep.memberOf(s.room)
		if name == "" {
			if was := s.keep.recentName(s.room); was != "" {
				s.name = was
			}
			return
		}
		s.name = name
	}
	s.chat.Enter(s.room, s.nameIn(s.room))
	if anew {
		s.takeRooms("")
	}
	s.entered(s.room)
}

// enter puts a room into view. Its unread line shows where reading has stopped,
// and stays for the visit.
func (s *state) enter(room string) {
	if room == s.room {
		return
	}
	if g := s.reading[s.room]; g != nil {
		s.tellRead()
		g.erase()
	}
	s.room = room
	if g := s.reading[room]; g != nil {
		g.draw()
	}
}

// nameIn returns the name that one has in a room, or would have.
func (s *state) nameIn(room string) string {
	if r, ok := s.chat.Room(room); ok {
		return r.As
	}
	for _, m := range s.keep.rooms() {
		if m.room == room && m.name != "" {
			return m.name
		}
	}
	if was := s.keep.recentName(room); was != "" {
		return was
	}
	return s.name
}

// ask is the card's: it checks what was typed and asks to be let in. The card
// stays until the answer is there.
func (s *state) ask(name, room string) {
	s.lost = false
	name, refusal := event.CleanName(name)
	if refusal == nil {
		room, refusal = event.CleanRoom(room)
	}
	if refusal != nil {
		s.asked, s.refusal = "", refusal
		return
	}
	if s.asked != "" && s.asked != room {
		s.chat.Pause(s.asked)
	}
	s.name, s.asked, s.refusal = name, room, nil
	if s.another.room == room {
		s.another.to = name // instead of the one that was not let in
	}
	s.chat.Enter(room, name)
}

// entered notes that a room is in view and one may be in it.
func (s *state) entered(room string) {
	s.takeShared(room)
	if s.keep.tabName() == "" {
		s.takeRooms(s.nameIn(room))
	}
	s.keep.setName(s.name)
	s.keep.visited(room, s.nameIn(room))
	s.keep.setMember(room, s.nameIn(room))
	s.keepRooms()
	s.roomsRev++
}

// askToLeave tells whether the person is asked before leaving, since something
// that is not sent would be lost.
func (s *state) askToLeave() bool {
	r, _ := s.chat.Room(s.room)
	s.leaving = r.Unsent > 0
	return s.leaving
}

// leave leaves the room in view and returns the room to show next, "" if there
// is none.
func (s *state) leave() string {
	s.tellTabs(newsLeft, s.room, s.nameIn(s.room), "")
	return s.drop(s.room)
}

// drop forgets a room that was left, here or in another tab, and returns the one to show
// instead of it.
func (s *state) drop(room string) (next string) {
	s.chat.Exit(room)
	s.keep.setDraft(room, "")
	s.keep.setMember(room, "")
	s.keep.tab.Set(keepRead+room, "")
	delete(s.reading, room)
	delete(s.greetings, room)
	s.setReply(room, answering{})
	s.keepRooms()
	s.roomsRev++
	if s.another.room == room {
		s.another = another{}
	}
	if room == s.room {
		s.drafted, s.filled = "", ""
		s.room, s.leaving = "", false
	}
	if rooms := s.chat.Rooms(); len(rooms) > 0 {
		return rooms[len(rooms)-1]
	}
	return ""
}

// refresh takes over what changed at the client, and returns the room to go to
// if the one asked for has let one in.
func (s *state) refresh() (enter string) {
	s.refreshLink()
	if s.arriving.busy && s.chat.Passing().Taken {
		s.goOn()
		return ""
	}
	if s.asked != "" {
		r, _ := s.chat.Room(s.asked)
		switch r.Phase {
		case chat.Inside:
			enter, s.asked = s.asked, ""
		case chat.Refused:
			s.refuse(r)
		default:
			s.stillTaken(r)
		}
	}
	if r, ok := s.chat.Room(s.room); ok && s.room != "" && r.Phase == chat.Refused {
		s.refuse(r)
	}
	if r, _ := s.chat.Room(s.room); s.renaming && s.asked == "" && !nameTaken(r) {
		s.renaming, s.refusal = false, nil // the name is free again
	}
	if r, _ := s.chat.Room(s.room); r.Unsent == 0 {
		s.leaving = false
	}
	s.renameRest()
	s.countUnread()
	return enter
}

// nameTaken tells that somebody else took the name while one was away. The chat
// client goes on trying, and keeps what was written.
func nameTaken(r chat.Room) bool { return r.Phase == chat.Joining && r.Refusal != nil }

// stillTaken tells the card that the name it asked with is taken, too.
func (s *state) stillTaken(r chat.Room) {
	if nameTaken(r) {
		s.asked, s.refusal = "", r.Refusal
		s.renaming = s.room == r.Name
	}
}

// rename shows the card for the room in view, to enter it under another name.
// What is not sent yet stays with the room.
func (s *state) rename() {
	r, ok := s.chat.Room(s.room)
	if !ok || !nameTaken(r) {
		return
	}
	s.saveDraft()
	s.name, s.refusal, s.renaming, s.drawer = r.As, r.Refusal, true, noDrawer
}

// refuse shows the card with the reason, and gives the room up until it is
// asked for again: what is not sent stays with the chat client.
func (s *state) refuse(r chat.Room) {
	s.refusal = r.Refusal
	if s.refusal == nil {
		s.refusal = event.Refuse(event.Internal)
	}
	s.saveDraft()
	s.asked, s.drawer, s.renaming = "", noDrawer, false
	s.chat.Pause(r.Name)
	s.keepRooms()
	s.roomsRev++
}

// inRoom tells whether the room's page is shown, rather than the card.
func (s *state) inRoom() bool {
	return s.room != "" && slices.Contains(s.chat.Rooms(), s.room) && s.asked == "" && !s.renaming
}

func (s *state) setLang(l text.Lang) {
	s.lang = l
	s.keep.browser.Set(keepLang, l.String())
	document().Set("cookie", "maru-lang="+l.String()+"; Path=/; Max-Age=31536000; SameSite=Lax") // for the server's first page
}
