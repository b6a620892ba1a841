package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// program is WebAssembly with a section before and one after the segments.
func program(segments ...segment) []byte {
	b := appendVector(append([]byte(wasmPreamble), 0), []byte("\x04note"))
	b = appendVector(append(b, dataSection), appendSegments(nil, segments))
	return appendVector(append(b, 0), []byte("\x03end"))
}

// memory returns what the memory of a program holds when it starts.
func memory(t *testing.T, wasm []byte) (all []byte, segments int) {
	t.Helper()
	for rest := wasm[len(wasmPreamble):]; len(rest) > 0; {
		id := rest[0]
		body, after, err := vector(rest[1:])
		if err != nil {
			t.Fatal(err)
		}
		rest = after
		if id != dataSection {
			continue
		}
		read, err := readSegments(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range read {
			if end := int(s.at) + len(s.bytes); end > len(all) {
				all = append(all, make([]byte, end-len(all))...)
			}
			copy(all[s.at:], s.bytes)
		}
		segments = len(read)
	}
	return all, segments
}

func TestSegmentsJoinOverSmallGaps(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, 70), []byte{2, 0, 2}
	for _, c := range []struct {
		name string
		in   []segment
		want int
	}{
		{"none", nil, 0},
		{"side by side", []segment{{4096, one}, {4166, two}}, 1},
		{"a gap that is written out", []segment{{63, one}, {63 + 70 + maxGap, two}}, 1},
		{"one that isn't", []segment{{64, one}, {64 + 70 + maxGap + 1, two}}, 2},
		{"one over the other", []segment{{0, one}, {20, two}}, 2},
		{"backwards", []segment{{5_000_000, one}, {0, two}}, 2},
	} {
		before := program(c.in...)
		after, err := joinSegments(before)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		was, _ := memory(t, before)
		is, count := memory(t, after)
		if !bytes.Equal(was, is) || count != c.want {
			t.Errorf("%s: %d segments, want %d; the memory is the same: %v", c.name, count, c.want, bytes.Equal(was, is))
		}
		if !bytes.HasPrefix(after, before[:14]) || !bytes.HasSuffix(after, before[len(before)-6:]) {
			t.Errorf("%s: the other sections changed", c.name)
		}
		if again, err := joinSegments(after); err != nil || !bytes.Equal(again, after) {
			t.Errorf("%s: joined once more it differs, %v", c.name, err)
		}
	}
}

func TestSegmentsRefuseWhatTheyDoNotKnow(t *testing.T) {
	whole := program(segment{70, []byte("abc")})
	for i := range len(whole) {
		if out, err := joinSegments(whole[:i]); err == nil && !bytes.Equal(out, whole[:i]) {
			t.Errorf("cut off after %d bytes it becomes %q", i, out)
		}
	}
	section := func(body ...byte) []byte { return appendVector(append([]byte(wasmPreamble), dataSection), body) }
	for name, wasm := range map[string][]byte{
		"a passive segment":   section(1, 1, 1, 'a'),
		"another memory":      section(1, 2, 0, constOf32, 0, endOf, 1, 'a'),
		"a place of 64 bits":  section(1, 0, 0x42, 0, endOf, 1, 'a'),
		"a computed place":    section(1, 0, constOf32, 0, constOf32, 1, 0x6a, endOf, 1, 'a'),
		"a place below zero":  section(1, 0, constOf32, 0x7f, endOf, 1, 'a'),
		"more than it says":   section(1, 0, constOf32, 0, endOf, 1, 'a', 'b'),
		"something different": []byte("hello, world"),
	} {
		if _, err := joinSegments(wasm); !errors.Is(err, errWasm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The linker's own output is what this is for.
func TestSegmentsOfGoAreFew(t *testing.T) {
	root, file := filepath.Join("..", ".."), filepath.Join(t.TempDir(), "app.wasm")
	if _, err := buildWasm(root, file); err != nil {
		t.Fatal(err)
	}
	joined, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	linked, err := os.ReadFile(linkedFile(file))
	if err != nil {
		t.Fatal(err)
	}
	was, many := memory(t, linked)
	is, few := memory(t, joined)
	if !bytes.Equal(was, is) {
		t.Error("the memory starts otherwise")
	}
	if few > 100 || many < few {
		t.Errorf("%d segments became %d", many, few)
	}
}
