package app

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// Where things are kept: in localStorage for the browser, in sessionStorage
// for this tab, so that two tabs can have two names.
const (
	keepName   = "maru.name"   // both: the tab's, and the default of new tabs
	keepRooms  = "maru.rooms"  // tab: the rooms one is in, each with one's name there
	keepRecent = "maru.recent" // browser: rooms one was in lately, newest first
	keepLang   = "maru.lang"   // browser
	keepEmoji  = "maru.emoji"  // browser: those used lately
	keepLevel  = "maru.level." // browser: with the room's name
	keepMember = "maru.member" // browser: the rooms one is in on this device, each with one's name there, newest first
	keepDraft  = "maru.draft." // browser: with the room's name, what is being written
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

// lists of rooms are kept one a line: a room's name has no line breaks.
func list(s storage, key string) []string {
	var rooms []string
	for line := range strings.Lines(s.Get(key)) {
		room, refusal := event.CleanRoom(line)
		if refusal == nil && len(rooms) < event.MaxRooms {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

func (k kept) recent() []string { return list(k.browser, keepRecent) }

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
func (k kept) memberOf(room string) string {
	for _, m := range k.members() {
		if m.room == room {
			return m.name
		}
	}
	return ""
}

// setMember notes that one is in a room under a name; without a name, that one
// has left it.
func (k kept) setMember(room, name string) {
	rooms := slices.DeleteFunc(k.members(), func(m membership) bool { return m.room == room })
	if name != "" {
		rooms = slices.Insert(rooms, 0, membership{room, name})
	}
	setMemberships(k.browser, keepMember, rooms[:min(len(rooms), maxMembers)])
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

// visited puts a room first among the recent ones.
func (k kept) visited(room string) {
	rooms := []string{room}
	for _, other := range k.recent() {
		if other != room && len(rooms) < maxRecent {
			rooms = append(rooms, other)
		}
	}
	k.browser.Set(keepRecent, strings.Join(rooms, "\n"))
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

// lang returns the language that was chosen, or the one that the browser
// prefers: a page that was kept for offline may be in another one.
func (k kept) lang(preferred string) text.Lang {
	if l, ok := text.FromTag(k.browser.Get(keepLang)); ok {
		return l
	}
	return text.Parse(preferred)
}
