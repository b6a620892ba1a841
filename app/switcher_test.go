package app

import (
	"strings"
	"testing"
)

func TestWaysToARoom(t *testing.T) {
	c := newFakeChat()
	for _, room := range []string{"기획팀", "개발", "디자인 기획"} {
		c.inside(room)
	}
	s, _ := newTestState(c)
	for _, room := range []string{"회의록", "개발", "lunch"} {
		s.keep.visited(room, "소이")
	}
	s.room = "기획팀"
	tests := []struct{ typed, want string }{
		{"", "기획팀 개발 디자인 기획 (lunch) (회의록)"},
		{"기", "기획팀 디자인 기획 +기"},
		{"기호", "기획팀 디자인 기획 +기호"}, // 획 on its way
		{"ㄱㅎ", "기획팀 디자인 기획 +ㄱㅎ"},
		{"ㅎㅇ", "(회의록) +ㅎㅇ"},
		{"개발", "개발"},
		{" 개발 ", "개발"},
		{"LUN", "(lunch) +LUN"},
		{"gksrmf", "+gksrmf"}, {"rlghlr", "기획팀 디자인 기획 +rlghlr"},
		{"새 방", "+새 방"},
		{strings.Repeat("가", 41), ""},
	}
	for _, test := range tests {
		var got []string
		for _, way := range (&switcher{State: s, typed: test.typed}).ways() {
			switch {
			case way.new:
				got = append(got, "+"+way.room)
			case !way.in:
				got = append(got, "("+way.room+")")
			default:
				got = append(got, way.room)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%q leads to %q, want %q", test.typed, got, test.want)
		}
	}
	w := &switcher{State: s}
	if w.start() != 1 {
		t.Errorf("it begins with choice %d, the room in view", w.start())
	}
	s.room = "개발"
	if w.start() != 0 {
		t.Errorf("it begins with choice %d", w.start())
	}
}
