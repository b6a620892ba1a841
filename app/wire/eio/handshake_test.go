package eio

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestHandshake(t *testing.T) {
	// The example of the protocol document, section "Handshake".
	const wire = `{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	want := Handshake{
		SID: "lv_VI97HAXpY6yYWAAAC", Upgrades: []string{WebSocket}, MaxPayload: 1e6,
		PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second,
	}
	got, err := ParseHandshake([]byte(wire))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ParseHandshake = %+v, %v; want %+v", got, err, want)
	}
	if b := want.Append(nil); string(b) != wire {
		t.Errorf("Append = %s; want %s", b, wire)
	}
	if b := string(Handshake{SID: "a"}.Append(nil)); !strings.Contains(b, `"upgrades":[]`) {
		t.Errorf("without upgrades: %s", b)
	}
}

func TestParseHandshakeRefuses(t *testing.T) {
	const beats = `"pingInterval":25000,"pingTimeout":20000`
	for name, wire := range map[string]string{
		"empty":             ``,
		"null":              `null`,
		"array":             `[]`,
		"deep":              strings.Repeat("[", 1e5),
		"not UTF-8":         `{"sid":"` + "\xff" + `",` + beats + `}`,
		"no sid":            `{` + beats + `}`,
		"empty sid":         `{"sid":"",` + beats + `}`,
		"sid a number":      `{"sid":1,` + beats + `}`,
		"sid with space":    `{"sid":"a b",` + beats + `}`,
		"sid not ASCII":     `{"sid":"é",` + beats + `}`,
		"sid too long":      `{"sid":"` + strings.Repeat("a", maxSID+1) + `",` + beats + `}`,
		"other case":        `{"SID":"a",` + beats + `}`,
		"no beats":          `{"sid":"a"}`,
		"negative beat":     `{"sid":"a","pingInterval":-1,"pingTimeout":1}`,
		"beat of a century": `{"sid":"a","pingInterval":3155692600000,"pingTimeout":1}`,
		"beat overflows":    `{"sid":"a","pingInterval":9223372036854775807,"pingTimeout":1}`,
		"fraction":          `{"sid":"a","pingInterval":0.5,"pingTimeout":1}`,
		"negative payload":  `{"sid":"a","maxPayload":-1,` + beats + `}`,
		"upgrades a string": `{"sid":"a","upgrades":"websocket",` + beats + `}`,
		"many upgrades":     `{"sid":"a","upgrades":["","","","","","","","",""],` + beats + `}`,
	} {
		if h, err := ParseHandshake([]byte(wire)); err != ErrHandshake {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
}

func TestErrorOnTheWire(t *testing.T) {
	if got, want := ErrUnknownSID.Error(), "eio: Session ID unknown"; got != want {
		t.Errorf("Error() = %q; want %q", got, want)
	}
}

func FuzzParseHandshake(f *testing.F) {
	f.Add([]byte(`{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`))
	f.Add([]byte(`{"sid":"a","sid":"b","pingInterval":1,"pingTimeout":1,"__proto__":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ParseHandshake(data)
		if err != nil {
			return
		}
		again, err := ParseHandshake(h.Append(nil))
		if err != nil || again.SID != h.SID || again.PingInterval != h.PingInterval || again.PingTimeout != h.PingTimeout {
			t.Fatalf("%q: %+v became %+v, %v", data, h, again, err)
		}
	})
}
