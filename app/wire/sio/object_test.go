package sio

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

func TestParseObject(t *testing.T) {
	o, err := ParseObject([]byte(` { "room" : "기획팀" , "ROOM":"x","after": -12,"on":true,"off":false,"no":null,
		"\u006b\"ey":"\n","__proto__":{"a":[1,"}"]},"":"" } `))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"room": "기획팀", "ROOM": "x", `k"ey`: "\n", "": ""} {
		if s, ok, err := o.String(key); s != want || !ok || err != nil {
			t.Errorf("String(%q) = %q, %t, %v; want %q", key, s, ok, err, want)
		}
	}
	for _, key := range []string{"Room", "no", "constructor"} {
		if s, ok, err := o.String(key); s != "" || ok || err != nil {
			t.Errorf("String(%q) = %q, %t, %v", key, s, ok, err)
		}
	}
	if n, ok, err := o.Int("after"); n != -12 || !ok || err != nil {
		t.Errorf("Int = %d, %t, %v", n, ok, err)
	}
	if b, ok, err := o.Bool("on"); !b || !ok || err != nil {
		t.Errorf("Bool(on) = %t, %t, %v", b, ok, err)
	}
	if b, ok, err := o.Bool("off"); b || !ok || err != nil {
		t.Errorf("Bool(off) = %t, %t, %v", b, ok, err)
	}
	if got := string(o["__proto__"]); got != `{"a":[1,"}"]}` || len(o) != 9 {
		t.Errorf("__proto__ = %s of %d keys", got, len(o))
	}
}

func TestObjectFieldsOfTheWrongType(t *testing.T) {
	values := []string{`"a"`, `1`, `1.5`, `1e2`, `1.0`, `9007199254740993`, `-9007199254740993`, `99999999999999999999`, `true`, `[]`, `{}`}
	for _, v := range values {
		o, err := ParseObject([]byte(`{"k":` + v + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok, err := o.String("k"); ok != (v == `"a"`) || ok != (err == nil) {
			t.Errorf("String of %s: %t, %v", v, ok, err)
		}
		if _, ok, err := o.Int("k"); ok != (v == `1`) || ok != (err == nil) {
			t.Errorf("Int of %s: %t, %v", v, ok, err)
		}
		if _, ok, err := o.Bool("k"); ok != (v == `true`) || ok != (err == nil) {
			t.Errorf("Bool of %s: %t, %v", v, ok, err)
		}
	}
	for n, ok := range map[string]bool{"9007199254740992": true, "-9007199254740992": true, "-0": true} {
		if _, got, err := (Object{"k": json.RawMessage(n)}).Int("k"); got != ok || err != nil {
			t.Errorf("Int of %s: %t, %v", n, got, err)
		}
	}
}

func TestParseObjectRefuses(t *testing.T) {
	var many []string
	for i := range MaxKeys + 1 {
		many = append(many, `"`+strconv.Itoa(i)+`":0`)
	}
	for name, data := range map[string]string{
		"empty": ``, "blank": ` `, "null": `null`, "array": `[]`, "string": `"{}"`, "number": `1`,
		"cut": `{"a":1`, "trailing": `{"a":1}{}`, "bare key": `{a:1}`,
		"twice": `{"a":1,"a":2}`, "twice, escaped": `{"a":1,"\u0061":2}`,
		"not UTF-8": "{\"a\":\"\xff\"}", "many keys": `{` + strings.Join(many, ",") + `}`,
		"deep": strings.Repeat(`{"a":`, MaxDepth+1) + `1` + strings.Repeat(`}`, MaxDepth+1),
	} {
		if o, err := ParseObject([]byte(data)); err != ErrObject {
			t.Errorf("%s: %v, %v", name, o, err)
		}
	}
	if _, err := ParseObject([]byte(`{` + strings.Join(many[1:], ",") + `}`)); err != nil {
		t.Errorf("%d keys: %v", MaxKeys, err)
	}
}

func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":"\u00e9","c":[{"d":null}]}`, `{"a":1,"a":2}`, `{ }`, `{"__proto__":{}}`, `{"\ud800":1,"\udc00":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := ParseObject(data)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(data, &want); err != nil || len(want) != len(o) {
			t.Fatalf("%q: %v; encoding/json: %v, %v", data, o, want, err)
		}
		for key, raw := range o {
			if string(want[key]) != string(raw) {
				t.Fatalf("%q: %q is %s; encoding/json: %s", data, key, raw, want[key])
			}
			var text string
			s, ok, err := o.String(key)
			if isText := json.Unmarshal(raw, &text) == nil && raw[0] == '"'; ok != isText || s != text && ok || ok && err != nil {
				t.Fatalf("%q: String(%q) = %q, %t, %v", data, key, s, ok, err)
			}
		}
	})
}
