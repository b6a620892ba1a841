package app

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// count is what is not read in a room, as it is shown beside its name.
type count struct {
	n        int  // 0: nothing is shown
	mentions bool // n counts those that concern the reader
	bold     bool // there is something to read, shown or not
}

// counts says what is shown of a room that has n posts to read, some of which
// concern the reader, and how much it adds to the sum of all rooms.
func counts(l level, n, mentions int, seen bool) (c count, sum int) {
	switch {
	case seen:
		return count{}, 0
	case l == levelNone:
		return count{bold: n > 0}, 0
	case l == levelMentions:
		return count{n: mentions, mentions: true, bold: n > 0}, mentions
	case mentions > 0:
		return count{n: mentions, mentions: true, bold: true}, n
	}
	return count{n: n, bold: n > 0}, n
}

// badge is what all places outside of the page say: the title, the icon of the
// tab and the badge of the app.
type badge struct {
	rooms map[string]count
	adds  map[string]int // what each room adds to the sum; those that are not counted yet are not there
	sum   int
}

// badge counts once, for all who show it. What is being looked at is not told of.
func (s *state) badge() badge {
	b := badge{rooms: map[string]count{}, adds: map[string]int{}}
	for room, g := range s.reading {
		c, sum := counts(s.keep.level(room), g.n, g.mentions, room == s.room && s.attending())
		b.rooms[room] = c
		b.sum += sum
		if g.known {
			b.adds[room] = sum
		}
	}
	return b
}

// title is the tab's, with how much there is to read.
func (s *state) title(b badge) string {
	t := s.lang.T(text.AppName)
	switch {
	case s.aside != nil:
		t = s.lang.T(text.TitleRoom, s.lang.T(text.Connection))
	case s.inRoom():
		t = s.lang.T(text.TitleRoom, s.room)
	}
	if b.sum > 0 {
		t = "(" + capped(b.sum) + ") " + t
	}
	return t
}

// capped is a count as it fits a badge.
func capped(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// outside is what the page shows outside of its tree, as it is now.
type outside struct {
	title, lang string
	sum         int
	app         int // on the app's icon
	told        bool
}

// tell brings what is not part of the tree up to date.
func (r *root) tell(app.Context) {
	s := r.State
	b := s.badge()
	now := outside{s.title(b), s.lang.String(), b.sum, s.keepUnread(b), true}
	if now == r.outside {
		return
	}
	dot := (now.sum > 0) != (r.outside.sum > 0)
	if now.app != r.outside.app || !r.outside.told {
		appBadge(now.app)
	}
	r.outside = now
	document().Set("title", now.title)
	document().Get("documentElement").Set("lang", now.lang)
	if dot {
		favicon(s, now.sum > 0)
	}
}

// unreadIn is how much there is to read in a room.
type unreadIn struct {
	room string
	n    int
}

// unread is how much there is to read in all rooms that one is in on this device: as
// this tab counts it, or as one did that was in the room last.
func (s *state) unread(b badge) (all []unreadIn) {
	for _, room := range s.chat.Rooms() {
		if n, counted := b.adds[room]; counted {
			all = append(all, unreadIn{room, n})
		}
	}
	for _, m := range memberships(s.keep.browser, keepUnread, "", maxMembers) {
		n, err := strconv.Atoi(m.name)
		if _, counted := b.adds[m.room]; err == nil && !counted && s.keep.memberOf(m.room) != "" {
			all = append(all, unreadIn{m.room, n})
		}
	}
	return all
}

// keepUnread notes how much there is to read, for all tabs and for the next start, and
// returns it for the app's icon, which is all tabs'.
func (s *state) keepUnread(b badge) (sum int) {
	said := ""
	for _, room := range s.chat.Rooms() {
		if n, counted := b.adds[room]; counted {
			said += room + "\t" + strconv.Itoa(n) + "\n"
		}
	}
	if said == s.unreadSaid {
		return s.unreadSum
	}
	s.unreadSaid = said
	var rooms []membership
	for _, u := range s.unread(b) {
		if sum += u.n; u.n > 0 {
			rooms = append(rooms, membership{u.room, strconv.Itoa(u.n)})
		}
	}
	if !s.forgotten {
		setMemberships(s.keep.browser, keepUnread, rooms)
	}
	s.unreadSum = sum
	return sum
}

// appBadge puts a number on the icon of the installed app, where there is one.
func appBadge(n int) {
	navigator := app.Window().Get("navigator")
	if !navigator.Get("setAppBadge").Truthy() {
		return
	}
	if n > 0 {
		settle(navigator.Call("setAppBadge", n), func(bool) {})
		return
	}
	settle(navigator.Call("clearAppBadge"), func(bool) {})
}

// favicon shows the icon of the tab with a dot or without.
func favicon(s *state, dot bool) {
	link := document().Call("querySelector", `link[rel="icon"][type="image/svg+xml"]`)
	if !link.Truthy() {
		return
	}
	href := s.icon
	if dot {
		href = s.iconNew
	}
	link.Set("href", href)
}
