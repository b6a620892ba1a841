package event

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanName returns name as it is shown: without blanks at its ends, runs of
// blanks as one. It refuses what can't be a name. The server also refuses
// names that are taken or reserved.
func CleanName(name string) (string, *Error) {
	name = squeeze(name)
	switch {
	case name == "":
		return "", Refuse(NameEmpty)
	case utf8.RuneCountInString(name) > MaxName:
		return "", Refuse(NameTooLong)
	case !visible(name):
		return "", Refuse(NameInvalid)
	}
	return name, nil
}

// CleanRoom returns a room's name as it is shown and kept, or refuses it.
func CleanRoom(room string) (string, *Error) {
	room = squeeze(room)
	switch {
	case room == "":
		return "", Refuse(RoomEmpty)
	case utf8.RuneCountInString(room) > MaxRoom:
		return "", Refuse(RoomTooLong)
	case !visible(room), room == ".", room == "..": // those have no address
		return "", Refuse(RoomInvalid)
	}
	return room, nil
}

// CheckText refuses a message that is empty or too long. The text itself is
// kept as it was written, to the last blank.
func CheckText(text string) *Error {
	switch {
	case len(text) > MaxTextBytes, utf8.RuneCountInString(text) > MaxText:
		return Refuse(TextTooLong)
	case strings.TrimFunc(text, blank) == "":
		return Refuse(TextEmpty)
	}
	return nil
}

// squeeze is strings.Fields and Join, but without work when there is none.
func squeeze(s string) string {
	return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
}

// blank tells what leaves nothing to see: blanks, controls, and letters that
// are drawn as nothing.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || ignorable(r)
}

// visible tells whether a name shows what it is: no controls, nothing that
// turns the direction of the text, no letters drawn as blanks, no unassigned
// or private characters. A joiner is allowed, since emoji are made with it.
//
// Marks that pile up on one letter would reach into the lines around it.
func visible(s string) bool {
	seen, marks := false, 0
	for _, r := range s {
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case marks > maxMarks:
			return false
		case r == utf8.RuneError, unicode.Is(unicode.C, r) && r != joiner:
			return false
		case r != joiner && r != emojiStyle && ignorable(r):
			return false
		case !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs) && r != joiner:
			return false
		}
		seen = seen || !unicode.IsSpace(r) && r != joiner && r != emojiStyle
	}
	return seen
}

// maxMarks is how many marks one letter may carry; no language needs more.
const maxMarks = 4

const (
	joiner     = '\u200d'
	emojiStyle = '\ufe0f'
)

// ignorable tells what is drawn as nothing although it is no control: the
// Hangul fillers, the blank Braille pattern, variation selectors, joiners, tags.
func ignorable(r rune) bool {
	switch {
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x2800, r == 0x034f, r == 0x17b4, r == 0x17b5:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0xad:
		return true
	}
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0000 && r <= 0xe0fff
}
