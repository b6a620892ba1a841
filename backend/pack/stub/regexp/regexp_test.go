package regexp

import (
	"regexp"
	"testing"
)

// What is here does as the real package does.
func TestAllMatchesAll(t *testing.T) {
	for _, text := range []string{"", "/", "/r/기획팀", "a\nb", "\xff"} {
		if got, want := MustCompile(all).MatchString(text), regexp.MustCompile(all).MatchString(text); got != want {
			t.Errorf("%q matches: %v, want %v", text, got, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("another expression was taken")
		}
	}()
	MustCompile("^/r/")
}
