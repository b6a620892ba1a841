package app

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// Where things are kept: in localStorage for the browser, in sessionStorage
// for this tab, so that two tabs can have two names.
const (
	keepName    = "maru.name"    // both: the tab's, and the default of new tabs
	keepRooms   = "maru.rooms"   // tab: the rooms one is in, each with one's name there
	keepRead    = "maru.read."   // tab: with the room's name, how far it was read
	keepRenewed = "maru.renewed" // tab: the version of the server for which the app was renewed unasked
	keepRecent  = "maru.recent"  // both: rooms one was in lately, each with one's name there, newest first
	keepLang    = "maru.lang"    // browser
	keepEmoji   = "maru.emoji"   // browser: those used lately
	keepLevel   = "maru.level."  // browser: with the room's name
	keepMember  = "maru.member"  // browser: the rooms one is in on this device, each with one's name there, newest first
	keepUnread  = "maru.unread"  // browser: how much there is to read in each of those, if anything
	keepNews    = "maru.news"    // browser: what was done in a tab, for a moment; see elsewhere.go
	keepToken   = "maru.token"   // browser: the chat client's
	keepDraft   = "maru.draft."  // browser: with the room's name, what is being written
	keepReply   = "maru.reply."  // browser: with the room's name, which message that answers
)

// maxRecent is how many rooms are remembered.
const maxRecent = 8

// storage is the part of the browser's storage that is used.
type storage interface {
	Get(key string) string
	Set(key, value string) // an empty value takes the key away
}

// browserStorage is localStorage or sessionStorage. What the browser does not
// keep, because it is full or forbidden, is kept until the tab closes.
type browserStorage struct {
	name   string
	memory map[string]string
}

func newBrowserStorage(name string) browserStorage {
	return browserStorage{name, map[string]string{}}
}

// LocalStorage is what the browser keeps for all its tabs, for a chat client.
func LocalStorage() interface {
	Get(key string) string
	Set(key, value string)
} {
	return newBrowserStorage("localStorage")
}

// call returns nil if the browser refuses.
func (s browserStorage) call(method string, args ...any) (v app.Value) {
	defer func() {
		if recover() != nil {
			v = nil
		}
	}()
	return storageObject(s.name).Call(method, args...)
}

// storageObject reads a property of the window that may throw. It does so
// through Reflect, since only what a call throws becomes a panic.
func storageObject(name string) app.Value {
	return app.Window().Get("Reflect").Call("get", app.Window(), name)
}

// admitNoStorage puts an empty object where the browser refuses localStorage,
// which go-app reads without asking.
func admitNoStorage() {
	defer func() {
		if recover() != nil {
			app.Window().Get("Object").Call("defineProperty", app.Window(), "localStorage",
				map[string]any{"value": map[string]any{"length": 0}})
		}
	}()
	storageObject("localStorage")
}

func (s browserStorage) Get(key string) string {
	if value, ok := s.memory[key]; ok {
		return value
	}
	if v := s.call("getItem", key); v != nil && v.Truthy() {
		return v.String()
	}
	return ""
}

func (s browserStorage) Set(key, value string) {
	delete(s.memory, key)
	if value == "" {
		s.call("removeItem", key)
		return
	}
	if s.call("setItem", key, value) == nil {
		s.memory[key] = value
	}
}

// kept is what is remembered of the person and the rooms.
type kept struct{ browser, tab storage }

// recent returns the rooms that one was in lately.
func (k kept) recent() []string {
	var rooms []string
	for _, m := range k.visits() {
		rooms = append(rooms, m.room)
	}
	return rooms
}

func (k kept) visits() []membership { return memberships(k.browser, keepRecent, "", maxRecent) }

// recentName returns the name that this tab had in a room, or, as long as the tab has
// no name, the one that any tab had lately; "" if that is not known.
func (k kept) recentName(room string) string {
	if name := nameOf(memberships(k.tab, keepRecent, "", maxRecent), room); name != "" || k.tabName() != "" {
		return name
	}
	return nameOf(k.visits(), room)
}

// membership is a room that one is in, and under which name.
type membership struct{ room, name string }

// rooms returns the rooms that the tab was in. One without a name of its own
// has the tab's.
func (k kept) rooms() []membership { return memberships(k.tab, keepRooms, k.tabName(), event.MaxRooms) }

func (k kept) setRooms(rooms []membership) { setMemberships(k.tab, keepRooms, rooms) }

// maxMembers is how many rooms the device remembers to be in, over all tabs.
const maxMembers = 20

// members returns the rooms that one is in on this device, in whatever tab.
func (k kept) members() []membership { return memberships(k.browser, keepMember, "", maxMembers) }

// memberOf returns one's name in a room that one is in on this device, "" if one
// is not.
func (k kept) memberOf(room string) string { return nameOf(k.members(), room) }

func nameOf(rooms []membership, room string) string {
	for _, m := range rooms {
		if m.room == room {
			return m.name
		}
	}
	return ""
}

// setMember notes that one is in a room under a name; without a name, that one
// has left it.
func (k kept) setMember(room, name string) {
	setMemberships(k.browser, keepMember, first(k.members(), membership{room, name}, maxMembers))
}

// first puts a room first; or takes it away, without a name.
func first(rooms []membership, m membership, most int) []membership {
	rooms = slices.DeleteFunc(rooms, func(other membership) bool { return other.room == m.room })
	if m.name != "" {
		rooms = slices.Insert(rooms, 0, m)
	}
	return rooms[:min(len(rooms), most)]
}

// rename notes that one has another name in some rooms.
func (k kept) rename(rooms []string, name string) {
	for _, in := range []struct {
		storage
		key  string
		most int
	}{{k.browser, keepMember, maxMembers}, {k.browser, keepRecent, maxRecent}, {k.tab, keepRecent, maxRecent}} {
		all := memberships(in, in.key, "", in.most)
		for i := range all {
			if slices.Contains(rooms, all[i].room) {
				all[i].name = name
			}
		}
		setMemberships(in, in.key, all)
	}
}

func memberships(s storage, key, fallback string, most int) []membership {
	var rooms []membership
	for line := range strings.Lines(s.Get(key)) {
		room, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		room, refusal := event.CleanRoom(room)
		if refusal != nil || len(rooms) >= most {
			continue
		}
		if name, refusal = event.CleanName(name); refusal != nil {
			name = fallback
		}
		rooms = append(rooms, membership{room, name})
	}
	return rooms
}

func setMemberships(s storage, key string, rooms []membership) {
	lines := make([]string, len(rooms))
	for i, m := range rooms {
		lines[i] = m.room + "\t" + m.name
	}
	s.Set(key, strings.Join(lines, "\n"))
}

// visited puts a room first among the recent ones, with one's name there.
func (k kept) visited(room, name string) {
	for _, s := range []storage{k.browser, k.tab} {
		setMemberships(s, keepRecent, first(memberships(s, keepRecent, "", maxRecent), membership{room, name}, maxRecent))
	}
}

// tabName returns the name that this tab has; name, that or the browser's.
func (k kept) tabName() string { return k.tab.Get(keepName) }

func (k kept) name() string {
	if name := k.tabName(); name != "" {
		return name
	}
	return k.browser.Get(keepName)
}

func (k kept) setName(name string) {
	k.tab.Set(keepName, name)
	k.browser.Set(keepName, name)
}

func (k kept) draft(room string) string { return k.browser.Get(keepDraft + room) }

func (k kept) setDraft(room, draft string) { k.browser.Set(keepDraft+room, draft) }

// read returns how far a room was read in this tab before a reload. Other devices and
// the room's own note are told of it later.
func (k kept) read(room string) int64 {
	seq, _ := strconv.ParseInt(k.tab.Get(keepRead+room), 10, 64)
	return seq
}

func (k kept) setRead(room string, seq int64) {
	k.tab.Set(keepRead+room, strconv.FormatInt(seq, 10))
}

// reply returns which message is answered by what is being written in a room.
func (k kept) reply(room string) (to answering) {
	seq, id, _ := strings.Cut(k.browser.Get(keepReply+room), " ")
	to.seq, _ = strconv.ParseInt(seq, 10, 64)
	to.id = id
	return to
}

func (k kept) setReply(room string, to answering) {
	if to.seq == 0 {
		k.browser.Set(keepReply+room, "")
		return
	}
	k.browser.Set(keepReply+room, strconv.FormatInt(to.seq, 10)+" "+to.id)
}

// lang returns the language that was chosen, or the one that the browser
// prefers: a page that was kept for offline may be in another one.
func (k kept) lang(preferred string) text.Lang {
	if l, ok := text.FromTag(k.browser.Get(keepLang)); ok {
		return l
	}
	return text.Parse(preferred)
}
