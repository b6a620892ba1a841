package app

import (
	"hash/fnv"
	"unicode"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// faces is the number of colours that app.css has for faces: .face-0 and on.
const faces = 10

// face returns the class of a person's colour: the same one for the same ID.
func face(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return "face-" + string(rune('0'+h.Sum32()%faces))
}

const zeroWidthJoiner = '\u200d'

// initial returns the first character of a name as a person sees it, which may
// be several code points.
func initial(name string) string {
	first, end := utf8.DecodeRuneInString(name)
	flag := regional(first)
	joined := false
	for i, r := range name[end:] {
		follows := joined || r == zeroWidthJoiner || unicode.Is(unicode.M, r) || r >= 0x1f3fb && r <= 0x1f3ff || flag && regional(r)
		if !follows {
			return name[:end+i]
		}
		joined, flag = r == zeroWidthJoiner, false
	}
	return name
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// avatar draws a person's face; the name beside it says who it is.
func avatar(id, name string, small bool) app.UI {
	e := app.Elem("div").Class("ava", face(id)).Aria("hidden", true)
	if small {
		e = e.Class("s")
	}
	return e.Text(initial(name))
}
