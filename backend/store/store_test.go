package store

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPosRoundTrip(t *testing.T) {
	for _, p := range []Pos{
		{},
		{Epoch: "ABC234"},
		{Epoch: "e", Seq: 1, ID: "a"},
		{Epoch: strings.Repeat("Z", maxEpoch), Seq: 1<<63 - 1, ID: strings.Repeat("\xff", MaxID)},
		{Epoch: "e", Seq: 35, ID: "\x00./?&=#"},
	} {
		s := p.String()
		if len(s) > 200 || strings.ContainsAny(s, "/?&=#%+ ") {
			t.Errorf("%+v: %q does not fit into a URL", p, s)
		}
		if got, err := ParsePos(s); err != nil || got != p {
			t.Errorf("ParsePos(%q) = %+v, %v, want %+v", s, got, err, p)
		}
	}
}

func TestParsePosRefuses(t *testing.T) {
	for _, s := range []string{
		".", "..", "e", "e.1", "e.1.YQ.", ".1.YQ", "e..YQ", "e.-1.YQ", "e.+1.YQ",
		"e.01.YQ", "e.A.YQ", "e.1.YR", "e.1.YQ==", "e.1.Y Q", "e.1.YQ\n", "e é.1.YQ",
		"e.zzzzzzzzzzzzzz.YQ", strings.Repeat("e", 33) + ".1.YQ",
		"e.1." + strings.Repeat("A", 88), strings.Repeat("e.", 200),
	} {
		if p, err := ParsePos(s); !errors.Is(err, ErrInvalid) {
			t.Errorf("ParsePos(%q) = %+v, %v, want ErrInvalid", s, p, err)
		}
	}
}

func FuzzParsePos(f *testing.F) {
	f.Add("")
	f.Add("ABC.1z.YWJj")
	f.Add("e.1.")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := ParsePos(s); err == nil && p.String() != s {
			t.Errorf("%q parses to %+v, which is %q", s, p, p.String())
		}
	})
}

func TestDraftCheck(t *testing.T) {
	ok := Draft{ID: "1", Author: "a", Kind: Message, Body: []byte("x")}
	for name, change := range map[string]func(*Draft){
		"no ID":        func(d *Draft) { d.ID = "" },
		"long ID":      func(d *Draft) { d.ID = strings.Repeat("i", MaxID+1) },
		"no author":    func(d *Draft) { d.Author = "" },
		"long author":  func(d *Draft) { d.Author = strings.Repeat("a", MaxAuthor+1) },
		"long body":    func(d *Draft) { d.Body = bytes.Repeat([]byte("b"), MaxBody+1) },
		"no kind":      func(d *Draft) { d.Kind = 0 },
		"joined":       func(d *Draft) { d.Kind = Joined },
		"left":         func(d *Draft) { d.Kind = Left },
		"delete, body": func(d *Draft) { d.Kind, d.Target = Delete, 1 },
		"no emoji":     func(d *Draft) { d.Kind, d.Target, d.Body = React, 1, nil },
		"long emoji":   func(d *Draft) { d.Kind, d.Target, d.Body = React, 1, make([]byte, MaxEmoji+1) },
		"broken emoji": func(d *Draft) { d.Kind, d.Target, d.Body = Unreact, 1, []byte{0xff} },
	} {
		d := ok
		change(&d)
		if err := d.Check(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for _, d := range []Draft{
		ok,
		{ID: "1", Author: "a", Kind: Message},
		{ID: "1", Author: "a", Kind: Message, Target: 1},
		{ID: "1", Author: "a", Kind: Edit, Target: 1, Body: []byte("x")},
		{ID: "1", Author: "a", Kind: Delete, Target: 1},
		{ID: "1", Author: "a", Kind: React, Target: 1, Body: []byte("👍")},
	} {
		if err := d.Check(); err != nil {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

func TestNameTakenError(t *testing.T) {
	until := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var err error = &NameTakenError{Until: until}
	var taken *NameTakenError
	if !errors.Is(err, ErrNameTaken) || !errors.As(err, &taken) || !taken.Until.Equal(until) {
		t.Errorf("%v: is no ErrNameTaken until %v", err, until)
	}
	if !strings.Contains(err.Error(), "2026-05-01T12:00:00Z") {
		t.Errorf("%q does not say until when", err)
	}
}

func TestCheckNote(t *testing.T) {
	key, value := strings.Repeat("k", MaxNoteKey), make([]byte, MaxNote)
	for _, n := range []struct {
		key   string
		value []byte
		ttl   time.Duration
		ok    bool
	}{
		{"k", value[:1], time.Millisecond, true},
		{key, value, MaxNoteTTL, true},
		{key, nil, 0, true},
		{"", value, time.Minute, false},
		{key + "k", value, time.Minute, false},
		{key + "k", nil, 0, false},
		{key, make([]byte, MaxNote+1), time.Minute, false},
		{key, value, time.Millisecond - 1, false},
		{key, value, MaxNoteTTL + 1, false},
		{key, value, -time.Minute, false},
	} {
		if err := CheckNote(n.key, n.value, n.ttl); n.ok != (err == nil) || !n.ok && !errors.Is(err, ErrInvalid) {
			t.Errorf("%d bytes under %d for %v: %v", len(n.value), len(n.key), n.ttl, err)
		}
	}
}
