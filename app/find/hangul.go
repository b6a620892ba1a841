package find

// Hangul by arithmetic (Unicode, section 3.12): a syllable is an initial, a
// medial and perhaps a final.
const (
	firstSyllable = 0xac00
	lastSyllable  = 0xd7a3
	firstInitial  = 0x1100
	firstMedial   = 0x1161
	beforeFinal   = 0x11a7
	initials      = 19
	medials       = 21
	finals        = 28
)

func syllable(r rune) bool { return r >= firstSyllable && r <= lastSyllable }

// jamo tells a letter that syllables are composed of.
func jamo(r rune) bool {
	return r >= firstInitial && r < firstInitial+initials || r >= firstMedial && r < firstMedial+medials ||
		r > beforeFinal && r < beforeFinal+finals
}

// join appends a character, or composes it with the one before.
func join(cells []cell, c cell) []cell {
	n := len(cells)
	if n == 0 {
		return append(cells, c)
	}
	last := &cells[n-1]
	switch before := last.r; {
	case before >= firstInitial && before < firstInitial+initials && c.r >= firstMedial && c.r < firstMedial+medials:
		last.r = firstSyllable + ((before-firstInitial)*medials+c.r-firstMedial)*finals
	case syllable(before) && (before-firstSyllable)%finals == 0 && c.r > beforeFinal && c.r < beforeFinal+finals:
		last.r += c.r - beforeFinal
	default:
		return append(cells, c)
	}
	last.to = c.to
	return cells
}

// The letters as they are typed, in the order of Unicode. A letter that takes
// two keys is two.
var (
	initialKeys = [initials]rune{'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'}
	medialKeys  = [medials]string{"ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ", "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ"}
	finalKeys   = [finals]string{"", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"}
)

// pairs are the letters that stand for two finals: of initials they are two.
var pairs = map[rune][]rune{
	'ㄳ': {'ㄱ', 'ㅅ'}, 'ㄵ': {'ㄴ', 'ㅈ'}, 'ㄶ': {'ㄴ', 'ㅎ'}, 'ㄺ': {'ㄹ', 'ㄱ'}, 'ㄻ': {'ㄹ', 'ㅁ'}, 'ㄼ': {'ㄹ', 'ㅂ'},
	'ㄽ': {'ㄹ', 'ㅅ'}, 'ㄾ': {'ㄹ', 'ㅌ'}, 'ㄿ': {'ㄹ', 'ㅍ'}, 'ㅀ': {'ㄹ', 'ㅎ'}, 'ㅄ': {'ㅂ', 'ㅅ'},
}

// apart returns the characters that one typed stands for: an input method puts
// two initials typed in a row into one letter.
func apart(r rune) []rune {
	if two, ok := pairs[r]; ok {
		return two
	}
	return []rune{r}
}

// initial returns the initial of a syllable, as a letter by itself.
func initial(s rune) rune { return initialKeys[(s-firstSyllable)/(medials*finals)] }

// strokes returns the keys that a syllable is typed with; of anything else, it.
func strokes(r rune) string {
	if !syllable(r) {
		return string(r)
	}
	i := r - firstSyllable
	return string(initialKeys[i/(medials*finals)]) + medialKeys[i/finals%medials] + finalKeys[i%finals]
}

// standalone makes a letter that was left over from composing one by itself.
func standalone(r rune) rune {
	if r >= firstInitial && r < firstInitial+initials {
		return initialKeys[r-firstInitial]
	}
	return r
}
