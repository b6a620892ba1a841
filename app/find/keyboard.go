package find

import "strings"

// What the letters of the Latin keyboard are on the Korean one, by the alphabet.
const (
	latinKeys = "ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅓㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋ"
	shiftKeys = "QㅃWㅉEㄸRㄲTㅆOㅒPㅖ" // those that are another letter with the shift key
)

// Hangul returns what somebody meant to type who did not switch the keyboard:
// gksrmf is 한글. It is "" if that makes no whole syllables.
func Hangul(typed string) string {
	var keys []rune
	for _, r := range typed {
		if r >= 0x80 {
			return ""
		}
		keys = append(keys, hangulKey(r))
	}
	var b strings.Builder
	found := false
	for i := 0; i < len(keys); {
		s, n := compose(keys[i:])
		if n == 0 {
			if keys[i] >= 0x80 { // a letter that is left over
				return ""
			}
			s, n = keys[i], 1
		} else {
			found = true
		}
		b.WriteRune(s)
		i += n
	}
	if !found {
		return ""
	}
	return b.String()
}

// hangulKey returns the letter on the key of a Latin one; anything else as it is.
func hangulKey(r rune) rune {
	if i := strings.IndexRune(shiftKeys, r); i >= 0 {
		for _, k := range shiftKeys[i+1:] {
			return k
		}
	}
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	if r >= 'a' && r <= 'z' {
		return []rune(latinKeys)[r-'a']
	}
	return r
}

// compose makes a syllable of the keys at the beginning, and tells of how many.
func compose(keys []rune) (s rune, n int) {
	first := keyIndex(initialKeys[:], keys[0])
	vowel := medial(keys[1:])
	if first < 0 || vowel < 0 {
		return 0, 0
	}
	n = 1 + len([]rune(medialKeys[vowel]))
	final := 0
	for i, f := range finalKeys {
		end := n + len([]rune(f))
		if len(f) > len(finalKeys[final]) && end <= len(keys) && string(keys[n:end]) == f && medial(keys[end:]) < 0 {
			final = i
		}
	}
	n += len([]rune(finalKeys[final]))
	return firstSyllable + rune((first*medials+vowel)*finals+final), n
}

// medial returns which medial the keys begin with, the longest; -1 if none.
func medial(keys []rune) int {
	at := -1
	for i, m := range medialKeys {
		k := []rune(m)
		if len(k) <= len(keys) && string(keys[:len(k)]) == m && (at < 0 || len(m) > len(medialKeys[at])) {
			at = i
		}
	}
	return at
}

func keyIndex(keys []rune, r rune) int {
	for i, k := range keys {
		if k == r {
			return i
		}
	}
	return -1
}
