package chat

import "testing"

// What is kept of a room reads as it was written; the form of the first releases
// is read as well, and what is none is refused.
func TestNotesAreRead(t *testing.T) {
	n := note{as: "소이", me: "p1", cursor: "e-7", head: 7, tail: 6, at: 1000, read: 5}
	got, ok := parseNote(n.append())
	if !ok || got.as != n.as || got.me != n.me || got.cursor != n.cursor || got.head != 7 || got.tail != 6 || got.at != 1000 || got.read != 5 {
		t.Errorf("%+v, %v", got, ok)
	}
	old := `["소이","p1","e-7",7,6,1000,{"room":"방","users":[],"count":0}]`
	if got, ok := parseNote(old); !ok || got.head != 7 || got.read != 0 {
		t.Errorf("the first form: %+v, %v", got, ok)
	}
	for _, bad := range []string{"", "[]", `["a","b","c",1,2,3,{}]`, `["소이","p1","e-7",7,6,1000,{"room":"방","users":[],"count":0},"5"]`} {
		if got, ok := parseNote(bad); ok {
			t.Errorf("%s is read as %+v", bad, got)
		}
	}
}
