package app

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// level is what of a room a person wants to be told of.
type level byte

// The levels. The zero one is the default.
const (
	levelAll level = iota
	levelMentions
	levelNone
)

// count is what is not read in a room, as it is shown beside its name.
type count struct {
	n        int  // 0: nothing is shown
	mentions bool // n counts those that name the reader
	bold     bool // there is something to read, shown or not
}

// counts says what is shown of a room that has n posts to read, some of which
// name the reader, and how much it adds to the sum of all rooms.
func counts(l level, n, mentions int, seen bool) (c count, sum int) {
	switch {
	case seen || l == levelNone:
		return count{}, 0
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
	sum   int
}

// badge counts once, for all who show it. What is being looked at is not told of.
func (s *state) badge() badge {
	b := badge{rooms: map[string]count{}}
	for room, g := range s.reading {
		c, sum := counts(s.keep.level(room), g.n, g.mentions, room == s.room && s.attending())
		b.rooms[room] = c
		b.sum += sum
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
}

// tell brings what is not part of the tree up to date.
func (r *root) tell(app.Context) {
	s := r.State
	b := s.badge()
	now := outside{s.title(b), s.lang.String(), b.sum}
	if now == r.outside {
		return
	}
	dot := (now.sum > 0) != (r.outside.sum > 0)
	if now.sum != r.outside.sum {
		appBadge(now.sum)
	}
	r.outside = now
	document().Set("title", now.title)
	document().Get("documentElement").Set("lang", now.lang)
	if dot {
		favicon(s, now.sum > 0)
	}
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

// level returns what a person wants to be told of a room.
func (k kept) level(room string) level {
	return levelOf(k.browser.Get(keepLevel + room))
}

func (k kept) setLevel(room string, l level) {
	value := ""
	if l != levelAll {
		value = strconv.Itoa(int(l))
	}
	k.browser.Set(keepLevel+room, value)
}

var levels = []level{levelAll, levelMentions, levelNone}

// levelOf reads a level as it is kept; what is none is the default.
func levelOf(value string) level {
	n, _ := strconv.Atoi(value)
	return levels[max(slices.Index(levels, level(n)), 0)]
}
