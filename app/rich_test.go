package app

import (
	"strings"
	"testing"
)

// show writes pieces with a mark around what is not plain.
func show(ps []piece) string {
	marks := map[pieceKind][2]string{piecePlain: {"", ""}, pieceLink: {"<", ">"}, pieceCode: {"[", "]"}, pieceBlock: {"{", "}"}}
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(marks[p.kind][0] + p.text + marks[p.kind][1])
	}
	return b.String()
}

func TestPieces(t *testing.T) {
	tests := []struct{ message, want string }{
		{"", ""},
		{"안녕하세요", "안녕하세요"},
		{"https://a.kr", "<https://a.kr>"},
		{"봐요: https://a.kr/길?x=1#y.", "봐요: <https://a.kr/길?x=1#y>."},
		{"(https://a.kr/b_(c))", "(<https://a.kr/b_(c)>)"},
		{"[x](https://a.kr)", "[x](<https://a.kr>)"},
		{"https://a.kr,http://b.kr", "<https://a.kr,http://b.kr>"},
		{"https://a.kr http://b.kr/", "<https://a.kr> <http://b.kr/>"},
		{"xhttps://a.kr", "xhttps://a.kr"},
		{"주소https://a.kr", "주소<https://a.kr>"},
		{"http:// https://", "http:// https://"},
		{"https://...", "https://..."},
		{"httphttps://a.kr http://b.kr", "httphttps://a.kr <http://b.kr>"},
		{"javascript:alert(1) data:text/html,x", "javascript:alert(1) data:text/html,x"},
		{`https://a.kr"onclick=alert(1)`, `<https://a.kr>"onclick=alert(1)`},
		{"https://a.kr<script>", "<https://a.kr><script>"},
		{"https://bank.kr@evil.kr", "https://bank.kr@evil.kr"},
		{"`make` → `REDIS_URL`", "[make] → [REDIS_URL]"},
		{"`https://a.kr`", "[https://a.kr]"},
		{"``", "``"},
		{"` `x`", "` [x]"},
		{"`a\nb`", "`a\nb`"},
		{"a ` b", "a ` b"},
		{"```\na\n  b\n```", "{a\n  b}"},
		{"앞\n```go\nx := `y`\n```\n뒤", "앞{x := `y`}뒤"},
		{"```한 줄```", "{한 줄}"},
		{"```열기만", "```열기만"},
		{"``````", "``````"},
		{"```a``` 그리고 ```b```", "{a} 그리고 {b}"},
	}
	for _, test := range tests {
		if got := show(pieces(test.message)); got != test.want {
			t.Errorf("%q: %q, want %q", test.message, got, test.want)
		}
	}
}

func TestPiecesAreBounded(t *testing.T) {
	for _, unit := range []string{"`a`", "http://a ", "```a```", "`\n", "http", "``"} {
		message := strings.Repeat(unit, 16_000/len(unit))
		ps := pieces(message)
		if len(ps) > 2*maxPieces {
			t.Errorf("%q: %d pieces", unit, len(ps))
		}
		length := 0
		for _, p := range ps {
			length += len(p.text)
		}
		if length > len(message) {
			t.Errorf("%q: %d bytes became %d", unit, len(message), length)
		}
	}
}

func FuzzPieces(f *testing.F) {
	f.Add("`a` https://a.kr ```b```")
	f.Fuzz(func(t *testing.T, message string) {
		for _, p := range pieces(message) {
			if p.text == "" {
				t.Fatal("an empty piece")
			}
			if p.kind == pieceLink && !strings.HasPrefix(p.text, "http://") && !strings.HasPrefix(p.text, "https://") {
				t.Fatalf("link to %q", p.text)
			}
			if !strings.Contains(message, p.text) {
				t.Fatalf("%q is not of %q", p.text, message)
			}
		}
	})
}

func TestInitial(t *testing.T) {
	tests := []struct{ name, want string }{
		{"소이", "소"}, {"Jules", "J"}, {"", ""}, {"각", "각"}, {"👩‍💻개발", "👩‍💻"}, {"🇰🇷한국", "🇰🇷"},
		{"👍🏽", "👍🏽"}, {"é", "é"}, {"🇰", "🇰"}, {"a👍", "a"},
	}
	for _, test := range tests {
		if got := initial(test.name); got != test.want {
			t.Errorf("%q: %q, want %q", test.name, got, test.want)
		}
	}
	if got := face(""); !strings.HasPrefix(got, "face-") {
		t.Errorf("the face of nobody is %q", got)
	}
}
