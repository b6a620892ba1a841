package store

import (
	"errors"
	"strings"
	"testing"
)

func TestQueryMatches(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"회의", "내일 주간회의실에서", true},
		{"회의", "회 의", false},
		{"회", "주간회의", true},
		{"회으", "회의", true}, // being typed
		{"회이", "회의", false},
		{"회의시", "회의실", true},
		{"회의실", "회의시", false},
		{"한", "하나", true}, // the trailing consonant goes over to the next syllable
		{"한", "하다", false},
		{"한", "한글", true},
		{"핝", "한자", true},
		{"닭", "달기", true},
		{"달", "닭", true},
		{"고", "과일", true},
		{"ㅎ", "회의", true},
		{"ㅎ", "주간", false},
		{"ㅋㅋ", "ㅋㅋㅋ", true},
		{"회의 주간", "주간 회의", true},  // in any order
		{"회으 주간", "주간 회의", false}, // only the last word is being typed
		{"HELLO", "hello, World", true},
		{"ｈｅｌｌｏ", "Hello", true},
		{"strasse", "Straße", true},
		{"\u1112\u116c\u110b\u1174", "회의", true}, // letter by letter
		{"회의", "\u1112\u116c\u110b\u1174", true},
		{"cafe\u0301", "caf\u00e9", true},
		{"v1.2", "neu: v1.2.3", true},
		{"👍", "좋아요 👍🏽", true},
		{"100%", "100 %", false},
		{"", "회의", false},
		{" \u3000 ", "회의", false},
		{"소이", "소이\x00안녕", false}, // what stands before the zero byte is not the text
		{"안녕", "소이\x00안녕", true},
		{"\xff", "a\xffb", true},
	} {
		q, err := ParseQuery(c.query)
		if err != nil {
			t.Errorf("%q: %v", c.query, err)
		}
		if got := q.Matches([]byte(c.text)); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.query, c.text, got, c.want)
		}
		if (q.Phrases() == "") != (strings.TrimSpace(strings.ReplaceAll(c.query, "\u3000", "")) == "") {
			t.Errorf("%q has the phrases %q", c.query, q.Phrases())
		}
	}
}

func TestQueryBounds(t *testing.T) {
	for _, bad := range []string{strings.Repeat("x", MaxQuery+1), strings.Repeat("x ", MaxWords+1)} {
		if _, err := ParseQuery(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, err := ParseQuery(strings.Repeat("x ", MaxWords)); err != nil {
		t.Error(err)
	}
}

// Whatever comes in: no panic, and a text is found by each of its words.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"회의 주간", "닭", "ㅎ", "ﷺ", "\xff\xfe", "İ", "\" OR *", "각힣"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		q, err := ParseQuery(query)
		if err != nil {
			return
		}
		q.Matches([]byte(text))
		if strings.Trim(q.Phrases(), `0123456789abcdefANDOR()"* `) != "" {
			t.Errorf("%q has the phrases %s", query, q.Phrases())
		}
		if strings.Trim(Grams([]byte(text)), "0123456789abcdef ") != "" {
			t.Errorf("%q has the grams %s", text, Grams([]byte(text)))
		}
		for _, word := range strings.Fields(string(Fold([]byte(query)))) {
			if w, err := ParseQuery(word); err == nil && !w.Matches([]byte("x"+word+"x")) {
				t.Errorf("%q is not found in itself", word)
			}
		}
	})
}
