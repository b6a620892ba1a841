package event

import (
	"unicode"
	"unicode/utf8"
)

// CheckEmoji refuses as a reaction what is not one emoji (UTS #51): a symbol
// with its modifiers, several joined into one, a flag, or a keycap.
func CheckEmoji(s string) *Error {
	if len(s) == 0 || len(s) > MaxEmoji || !utf8.ValidString(s) {
		return Refuse(EmojiInvalid)
	}
	var e emoji
	for _, r := range s {
		if !e.take(r) {
			return Refuse(EmojiInvalid)
		}
	}
	if !e.whole() {
		return Refuse(EmojiInvalid)
	}
	return nil
}

// emoji reads one emoji, character by character.
type emoji struct {
	symbols int  // that stand by themselves
	flags   int  // regional indicators
	key     bool // began with what a keycap is put on
	cap     bool
	last    rune
}

const keycap = '\u20e3'

func (e *emoji) take(r rune) bool {
	before := e.last
	e.last = r
	switch {
	case r == joiner, r == emojiStyle, isTag(r), isTone(r):
		return before != 0 && before != joiner // they change what stands before them
	case r == keycap:
		e.cap = e.key
		return e.key
	case before == joiner:
		return isSymbol(r)
	case isFlag(r):
		e.flags++
		return e.flags <= 2 && e.symbols == 0
	case r < utf8.RuneSelf:
		e.key = before == 0 && (r >= '0' && r <= '9' || r == '#' || r == '*')
		return e.key
	}
	e.symbols++
	return e.symbols == 1 && e.flags == 0 && !e.key && isSymbol(r)
}

func (e *emoji) whole() bool {
	return e.last != joiner && (e.symbols == 1 || e.flags == 2 || e.cap)
}

func isFlag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }
func isTag(r rune) bool  { return r >= 0xe0020 && r <= 0xe007f }
func isTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// isSymbol tells what an emoji can be made of: symbols, and the three signs
// that Unicode counts as punctuation.
func isSymbol(r rune) bool {
	return r == '‼' || r == '⁉' || r == '〰' || r >= utf8.RuneSelf && unicode.In(r, unicode.So, unicode.Sm)
}
