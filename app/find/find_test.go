package find

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// marked puts brackets around what was found.
func marked(q Query, text string) string {
	spans, ok := q.Match(text)
	if !ok {
		return "-"
	}
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.From] + "[" + text[s.From:s.To] + "]")
		at = s.To
	}
	return b.String() + text[at:]
}

func TestMatch(t *testing.T) {
	tests := []struct{ query, text, want string }{
		// Any part of a word, particles and all.
		{"회의", "오늘 회의가 있어요", "오늘 [회의]가 있어요"},
		{"의록", "회의록 회의록", "회[의록] 회[의록]"},
		{"회의", "회사 의자", "-"},
		{"", "회의", "-"}, {"  ", "회의", "-"},
		// A last syllable on its way.
		{"회으", "회의 자료", "[회의] 자료"},
		{"호", "회의", "[회]의"},
		{"회읠", "회의록", "-"},
		{"회ㅇ", "회의록", "[회의]록"},
		{"배포ㅎ", "배포한다", "[배포한]다"},
		{"안녀", "안녕하세요", "[안녕]하세요"},
		{"다", "달", "[달]"}, {"달", "닭", "[닭]"}, {"닭", "달", "-"},
		{"으회", "의회", "-"}, // only the last one
		// By initials.
		{"ㅎㅇㄹ", "어제 회의록을 봤어요", "어제 [회의록]을 봤어요"},
		{"ㄳ", "감사", "[감사]"}, {"ㄱㅅ", "ㄱㅅ!", "[ㄱㅅ]!"}, {"ㅋㅋ", "ㅋㅋㅋ", "[ㅋㅋ]ㅋ"},
		{"ㄲ", "가", "-"}, {"ㅎㅇㄹ", "회의", "-"},
		{"ㅏ", "아", "-"},
		// Case, width, composition.
		{"maru", "MARU는 Ｍａｒｕ", "[MARU]는 [Ｍａｒｕ]"},
		{"ＭＡＲＵ", "maru", "[maru]"},
		{"straße", "STRAẞE", "[STRAẞE]"}, {"k", "\u212a", "[\u212a]"}, {"Σ", "ς", "[ς]"},
		{"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af날", "[\u1112\u1161\u11ab\u1100\u1173\u11af]날"},
		{"\u1112\u1161\u11ab", "한글", "[한]글"},
		{"\u1112", "한글", "[한]글"},
		{"ﾊﾟﾝ", "パン", "[パン]"},
		{"cafe\u0301", "caf\u00e9!", "[caf\u00e9]!"}, {"café", "cafe\u0301!", "[cafe\u0301]!"}, {"e", "e\u0301", "-"},
		{"회의", "회\u200b의", "[회\u200b의]"},
		{"…", "음...", "음[...]"},
		// Several words, in any order.
		{"자료 회의", "회의 자료", "[회의] [자료]"},
		{"회의 표", "회의 자료", "-"},
		{"회의 의", "회의", "[회의]"},
		// What is no text.
		{"<b>", "<B>&lt;", "[<B>]&lt;"}, {"\xff", "a\xff", "a[\xff]"}, {"🚀", "가자 🚀", "가자 [🚀]"},
	}
	for _, test := range tests {
		q := Parse(test.query, norm.NFKC.String)
		if got := marked(q, test.text); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.query, test.text, got, test.want)
		}
	}
}

func TestWider(t *testing.T) {
	tests := []struct{ query, text, want string }{
		{"회읠", "회의록", "[회의록]"},
		{"간", "가나", "[가나]"},
		{"밥", "바보 밥", "[바보] [밥]"},
		{"달", "다 라", "-"},
		{"닭", "달그림자", "[달그]림자"},
	}
	for _, test := range tests {
		q := Parse(test.query, nil)
		if got := marked(q.Wider(), test.text); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.query, test.text, got, test.want)
		}
	}
}

// What is found in a text is a part of it that can be cut out, whatever it is.
func FuzzMatch(f *testing.F) {
	for _, s := range []string{"회의", "ㅎㅇㄹ", "\u1112\u1161\u11ab", "e\u0301", "\xff\xfe", "ＭＡＲＵ ㄳ"} {
		f.Add(s, "회의록을 "+s+" maru\u200b")
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		q := Parse(query, norm.NFKC.String)
		for _, q := range []Query{q, q.Wider()} {
			spans, ok := q.Match(text)
			if ok != (len(spans) > 0) {
				t.Fatalf("%v with %d spans", ok, len(spans))
			}
			at := 0
			for _, s := range spans {
				if s.From < at || s.To <= s.From || s.To > len(text) {
					t.Fatalf("span %v after %d of %d bytes", s, at, len(text))
				}
				at = s.To
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	q := Parse("회의록 ㅎㅇ", norm.NFKC.String)
	text := strings.Repeat("오늘 저녁에 배포합시다, maru 이야기. ", 5)
	b.ReportAllocs()
	for b.Loop() {
		q.Match(text)
	}
}
