package find

import "testing"

func TestHangulOfAnotherKeyboard(t *testing.T) {
	tests := []struct{ typed, want string }{
		{"gksrmf", "한글"}, {"GKSRMF", "한끌"}, {"dkssudgktpdy", "안녕하세요"}, {"ghldmlfhr", "회의록"}, {"ghldml wkfy", "회의 자료"},
		{"Rhc", "꽃"}, {"dlTdjdy", "있어요"}, {"ekfr", "닭"}, {"ekfrl", "달기"}, {"rkqt", "값"}, {"dnpqtkdlxm", "웹사이트"}, {"dhodnpdn", "왜웨우"},
		{"anjgo", "뭐해"}, {"dOrl", "얘기"}, {"dPdml", "예의"}, {"2chks 3", "2촨 3"},
		{"hello", ""}, {"maru", ""}, {"gdf", ""}, {"", ""}, {"12 34", ""}, {"한글", ""}, {"gksㅎ", ""}, {"\xff", ""},
	}
	for _, test := range tests {
		if got := Hangul(test.typed); got != test.want {
			t.Errorf("%q is %q, want %q", test.typed, got, test.want)
		}
	}
}

func FuzzHangul(f *testing.F) {
	f.Add("gksrmf")
	f.Add("dlTdj ㅎ\xff")
	f.Fuzz(func(t *testing.T, typed string) {
		for _, r := range Hangul(typed) {
			if !syllable(r) && r >= 0x80 || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				t.Fatalf("%q becomes %q", typed, Hangul(typed))
			}
		}
	})
}

func TestPhrase(t *testing.T) {
	tests := []struct{ query, text, want string }{
		{"민", "민준", "[민]준"}, {"미", "민준", "[민]준"}, {"ㅁㅈ", "민준", "[민준]"}, {"준", "민준", "민[준]"},
		{"민준 ", "민준", "-"}, {"민준 ㅁ", "민준", "-"}, {"jules v", "Jules Verne", "[Jules V]erne"}, {"v j", "Jules Verne", "-"},
		{"", "민준", "-"},
	}
	for _, test := range tests {
		if got := marked(Phrase(test.query), test.text); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.query, test.text, got, test.want)
		}
	}
}
