package app

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"maru/app/wire/event"
)

// mentions tells whether a text names a person: @ and the name. Korean puts
// particles right behind a name, so only a longer name of somebody else, or a
// letter behind a name in an alphabet, makes it another one.
func mentions(text, name string, users []event.User) bool {
	if name == "" || !strings.Contains(text, "@") {
		return false
	}
	for at := range atSigns(text) {
		if n := named(text[at+1:], name); n > 0 && !namesLonger(text[at+1:], n, users) {
			return true
		}
	}
	return false
}

// atSigns gives the places of the @ that begin a word: that of an address of
// e-mail does not.
func atSigns(text string) func(func(int) bool) {
	return func(yield func(int) bool) {
		for from := 0; ; {
			i := strings.IndexByte(text[from:], '@')
			if i < 0 {
				return
			}
			i += from
			before, _ := utf8.DecodeLastRuneInString(text[:i])
			if !asciiWord(before) && !yield(i) {
				return
			}
			from = i + 1
		}
	}
}

// named returns how many bytes at the start of s are a name, letters of either
// case being the same; 0 if s names somebody else.
func named(s, name string) int {
	n := len(name)
	if len(s) < n || name == "" || !strings.EqualFold(s[:n], name) {
		return 0
	}
	next, _ := utf8.DecodeRuneInString(s[n:])
	last, _ := utf8.DecodeLastRuneInString(name)
	if asciiWord(last) && asciiWord(next) || unicode.Is(unicode.M, next) {
		return 0
	}
	return n
}

func namesLonger(s string, n int, users []event.User) bool {
	for _, u := range users {
		if len(u.Username) > n && named(s, u.Username) > 0 {
			return true
		}
	}
	return false
}

// mentioned finds the first @name of somebody in the room, from a place on; to
// is 0 if there is none.
func mentioned(text string, users []event.User) (from, to int) {
	for at := range atSigns(text) {
		longest := 0
		for _, u := range users {
			longest = max(longest, named(text[at+1:], u.Username))
		}
		if longest > 0 {
			return at, at + 1 + longest
		}
	}
	return 0, 0
}
