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

var (
	levels     = []level{levelAll, levelMentions, levelNone}
	levelNames = []text.Key{text.LevelAll, text.LevelMentions, text.LevelNone}
)

// levelOf reads a level as it is kept; what is none is the default.
func levelOf(value string) level {
	n, _ := strconv.Atoi(value)
	return levels[max(slices.Index(levels, level(n)), 0)]
}

// value is a level as it stands in a page.
func (l level) value() string { return strconv.Itoa(int(l)) }

// level returns what a person wants to be told of a room.
func (k kept) level(room string) level { return levelOf(k.browser.Get(keepLevel + room)) }

// setLevel keeps what a person wants to be told of a room, in all tabs.
func (s *state) setLevel(room string, l level) {
	value := ""
	if l != levelAll {
		value = l.value()
	}
	s.keep.browser.Set(keepLevel+room, value)
	s.roomsRev++
}

// levelSelect asks what of a room one wants to be told. It has to be shown again by
// its value when that changes elsewhere: what a person has chosen in it stays.
func (s *state) levelSelect(id, room string) app.HTMLElem {
	chosen := s.keep.level(room)
	options := make([]app.UI, len(levels))
	for i, l := range levels {
		o := app.Elem("option").Attr("value", l.value()).Text(s.lang.T(levelNames[i]))
		if l == chosen {
			o = o.Attr("selected", true)
		}
		options[i] = o
	}
	return app.Elem("select").ID(id).DataSet("room", room).Body(options...)
}
