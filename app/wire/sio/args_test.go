package sio

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEventArgs(t *testing.T) {
	for _, tt := range []struct{ data, name, args string }{
		{`["foo"]`, "foo", ``},
		{`["project:delete",123]`, "project:delete", `123`},
		{"[ \"a\" ,\t{\"b\": [1, \"]\"]} , null,\n-1.5e3 ]", "a", `{"b": [1, "]"]}|null|-1.5e3`},
		{`["\ud55c\"\\","\\\"]",[],{}]`, `한"\`, `"\\\"]"|[]|{}`},
		{`["__proto__",{"__proto__":1}]`, "__proto__", `{"__proto__":1}`},
		{`["",""]`, "", `""`},
	} {
		name, args, err := EventArgs([]byte(tt.data))
		if err != nil || name != tt.name || join(args) != tt.args {
			t.Errorf("EventArgs(%s) = %q, %s, %v; want %q, %s", tt.data, name, join(args), err, tt.name, tt.args)
		}
	}
}

func TestEventArgsRefuses(t *testing.T) {
	for _, data := range []string{
		``, ` `, `[]`, `[1]`, `[null,"a"]`, `[["a"]]`, `{"0":"a"}`, `null`, `"a"`, `["a"`, `["a"]]`, `["a",]`, `["a" 1]`,
		`["a","` + "\n" + `"]`, `["\x"]`, `["connect"]`, `["disconnect",1]`, `["newListener"]`,
		`["a"` + strings.Repeat(",0", MaxArgs+1) + `]`,
		`["a",` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + `]`,
	} {
		if name, args, err := EventArgs([]byte(data)); err != ErrPayload {
			t.Errorf("EventArgs(%.40q) = %q, %s, %v", data, name, join(args), err)
		}
	}
}

func TestArgsAtTheLimits(t *testing.T) {
	for data, want := range map[string]int{
		`[]`: 0,
		`["a"` + strings.Repeat(",0", MaxArgs) + `]`:                                      MaxArgs + 1,
		`["a",` + strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1) + `]`: 2,
	} {
		if args, err := Args([]byte(data)); err != nil || len(args) != want {
			t.Errorf("Args(%.40s): %d, %v; want %d", data, len(args), err, want)
		}
	}
}

func TestAppendEvent(t *testing.T) {
	if got := string(AppendEvent(nil, "a\"b", []byte(`1`), []byte(`{}`))); got != `["a\"b",1,{}]` {
		t.Errorf("AppendEvent = %s", got)
	}
	if got := string(AppendArgs(nil)); got != `[]` {
		t.Errorf("AppendArgs() = %s", got)
	}
	if got := string(AppendArgs(nil, []byte(`null`), AppendInt(nil, -7))); got != `[null,-7]` {
		t.Errorf("AppendArgs = %s", got)
	}
}

func TestAppendString(t *testing.T) {
	for s, want := range map[string]string{
		"":                `""`,
		"한글 <b>&\u2028😀":  "\"한글 <b>&\u2028😀\"",
		"\"\\/\n\r\t\b\f": `"\"\\/\n\r\t\b\f"`,
		"\x00\x1f\x7f":    "\"\\u0000\\u001f\x7f\"",
		"a\xffb\xe2\x82":  "\"a\ufffdb\ufffd\ufffd\"",
	} {
		if got := string(AppendString(nil, s)); got != want {
			t.Errorf("AppendString(%q) = %s; want %s", s, got, want)
		}
	}
}

func FuzzArgs(f *testing.F) {
	for _, seed := range []string{`["foo",1,null,true,{"a":[1]},"\""]`, `[ ]`, `[[],[[]],{}]`, `["\ud800"]`, `[1,`, `[]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		args, err := Args(data)
		var want []json.RawMessage
		if err != nil {
			if json.Unmarshal(data, &want) == nil && want != nil && len(want) <= MaxArgs+1 && bounded(data) {
				t.Fatalf("refused %q", data)
			}
			return
		}
		if err := json.Unmarshal(data, &want); err != nil || join(args) != join(want) {
			t.Fatalf("%q: %s; encoding/json: %s, %v", data, join(args), join(want), err)
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"b\\c\n\xff한")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		wire := AppendString(nil, s)
		if err := json.Unmarshal(wire, &back); err != nil || !utf8.Valid(wire) || back != string([]rune(s)) {
			t.Fatalf("%q became %s, then %q, %v", s, wire, back, err)
		}
	})
}

func join(args []json.RawMessage) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = string(a)
	}
	return strings.Join(parts, "|")
}
