package eio

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// The examples of the protocol document: sections "Packet encoding" and "HTTP
// long-polling".
func TestPacketVectors(t *testing.T) {
	for _, tt := range []struct {
		wire string
		want Packet
	}{
		{"4hello", Packet{Type: Message, Data: []byte("hello")}},
		{"2", Packet{Type: Ping}},
		{"2probe", Packet{Type: Ping, Data: []byte("probe")}},
		{"3probe", Packet{Type: Pong, Data: []byte("probe")}},
		{"1", Packet{Type: Close}},
		{"5", Packet{Type: Upgrade}},
		{"6", Packet{Type: Noop}},
		{"4€", Packet{Type: Message, Data: []byte("€")}},
		{"4", Packet{Type: Message}},
		{"bAQIDBA==", Packet{Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}}},
		{"b", Packet{Type: Message, Binary: true}},
	} {
		got, err := Parse([]byte(tt.wire))
		if err != nil || !same(got, tt.want) {
			t.Errorf("Parse(%q) = %v, %v; want %v", tt.wire, got, err, tt.want)
		}
		if wire := Append(nil, tt.want); string(wire) != tt.wire {
			t.Errorf("Append(%v) = %q; want %q", tt.want, wire, tt.wire)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for wire, want := range map[string]error{
		"":            ErrEmpty,
		"7":           ErrType,
		"/":           ErrType,
		"\x004":       ErrType,
		"\xff":        ErrType,
		"bAQIDBA=":    ErrBase64,
		"b!":          ErrBase64,
		"bAQID BA==":  ErrBase64,
		"bAQIDBA==AQ": ErrBase64,
	} {
		if got, err := Parse([]byte(wire)); !errors.Is(err, want) {
			t.Errorf("Parse(%q) = %v, %v; want %v", wire, got, err, want)
		}
	}
}

func TestPayloadVectors(t *testing.T) {
	for _, tt := range []struct {
		wire string
		want []Packet
	}{
		{"4hello\x1e2\x1e4world", []Packet{
			{Type: Message, Data: []byte("hello")}, {Type: Ping}, {Type: Message, Data: []byte("world")},
		}},
		{"4hello\x1ebAQIDBA==", []Packet{
			{Type: Message, Data: []byte("hello")}, {Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}},
		}},
		{"4€", []Packet{{Type: Message, Data: []byte("€")}}},
	} {
		got, err := collect(tt.wire, 3)
		if err != nil || len(got) != len(tt.want) {
			t.Fatalf("Payload(%q) = %v, %v", tt.wire, got, err)
		}
		for i := range got {
			if !same(got[i], tt.want[i]) {
				t.Errorf("Payload(%q)[%d] = %v; want %v", tt.wire, i, got[i], tt.want[i])
			}
		}
		if wire := AppendPayload(nil, tt.want...); string(wire) != tt.wire {
			t.Errorf("AppendPayload = %q; want %q", wire, tt.wire)
		}
	}
}

func TestPayloadRefuses(t *testing.T) {
	for _, tt := range []struct {
		wire  string
		limit int
		kept  int
		want  error
	}{
		{"", 9, 0, ErrEmpty},
		{"4a\x1e", 9, 1, ErrEmpty},
		{"\x1e4a", 9, 0, ErrEmpty},
		{"4a\x1e9\x1e4b", 9, 1, ErrType},
		{"4a\x1e4b\x1e4c", 2, 2, ErrTooMany},
		{strings.Repeat("4\x1e", 1<<16), 16, 16, ErrTooMany},
	} {
		got, err := collect(tt.wire, tt.limit)
		if !errors.Is(err, tt.want) || len(got) != tt.kept {
			t.Errorf("Payload(%.20q) kept %d, %v; want %d, %v", tt.wire, len(got), err, tt.kept, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"4hello", "2probe", "bAQIDBA==", "bAQID\nBA==", "", "4\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		p, err := Parse(wire)
		if err != nil {
			return
		}
		again, err := Parse(Append(nil, p))
		if err != nil || !same(p, again) {
			t.Fatalf("%q: %v became %v, %v", wire, p, again, err)
		}
	})
}

func FuzzPayload(f *testing.F) {
	f.Add([]byte("4hello\x1e2\x1e4world"))
	f.Add([]byte("4hello\x1ebAQIDBA=="))
	f.Add([]byte("\x1e\x1e"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		const limit = 5
		got, err := collect(string(wire), limit)
		if len(got) > limit {
			t.Fatalf("%d packets", len(got))
		}
		if err != nil {
			return
		}
		again, err := collect(string(AppendPayload(nil, got...)), limit)
		if err != nil || len(again) != len(got) {
			t.Fatalf("%q: %v became %v, %v", wire, got, again, err)
		}
	})
}

func collect(wire string, limit int) (got []Packet, err error) {
	for p, err := range Payload([]byte(wire), limit) {
		if err != nil {
			return got, err
		}
		got = append(got, p)
	}
	return got, nil
}

func same(a, b Packet) bool {
	return a.Type == b.Type && a.Binary == b.Binary && bytes.Equal(a.Data, b.Data)
}
