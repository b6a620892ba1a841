package sio

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
)

// The examples of the protocol document, sections "Packet encoding" and
// "Exchange protocol", without the Engine.IO type before them.
func TestPacketVectors(t *testing.T) {
	one, two := [][]byte{{1, 2, 3}}, [][]byte{{1, 2, 3}, {4, 5, 6}}
	for _, tt := range []struct {
		wire string
		want Packet
	}{
		{`0`, Packet{Type: Connect, Namespace: "/", ID: NoID}},
		{`0{"token":"123"}`, Packet{Type: Connect, Namespace: "/", ID: NoID, Data: []byte(`{"token":"123"}`)}},
		{`0/admin,`, Packet{Type: Connect, Namespace: "/admin", ID: NoID}},
		{`0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}`, Packet{Type: Connect, Namespace: "/admin", ID: NoID, Data: []byte(`{"sid":"oSO0OpakMV_3jnilAAAA"}`)}},
		{`0/admin?token=1234,`, Packet{Type: Connect, Namespace: "/admin", Query: "token=1234", ID: NoID}},
		{`0/?a=b,`, Packet{Type: Connect, Namespace: "/", Query: "a=b", ID: NoID}},
		{`1`, Packet{Type: Disconnect, Namespace: "/", ID: NoID}},
		{`1/admin,`, Packet{Type: Disconnect, Namespace: "/admin", ID: NoID}},
		{`2["foo"]`, Packet{Type: Event, Namespace: "/", ID: NoID, Data: []byte(`["foo"]`)}},
		{`2["hello",1]`, Packet{Type: Event, Namespace: "/", ID: NoID, Data: []byte(`["hello",1]`)}},
		{`2/admin,["bar"]`, Packet{Type: Event, Namespace: "/admin", ID: NoID, Data: []byte(`["bar"]`)}},
		{`212["foo"]`, Packet{Type: Event, Namespace: "/", ID: 12, Data: []byte(`["foo"]`)}},
		{`2/admin,456["project:delete",123]`, Packet{Type: Event, Namespace: "/admin", ID: 456, Data: []byte(`["project:delete",123]`)}},
		{`3/admin,13["bar"]`, Packet{Type: Ack, Namespace: "/admin", ID: 13, Data: []byte(`["bar"]`)}},
		{`3/admin,456[]`, Packet{Type: Ack, Namespace: "/admin", ID: 456, Data: []byte(`[]`)}},
		{`4{"message":"Not authorized"}`, Packet{Type: ConnectError, Namespace: "/", ID: NoID, Data: []byte(`{"message":"Not authorized"}`)}},
		{`4/admin,{"message":"Not authorized"}`, Packet{Type: ConnectError, Namespace: "/admin", ID: NoID, Data: []byte(`{"message":"Not authorized"}`)}},
		{`4"Not authorized"`, Packet{Type: ConnectError, Namespace: "/", ID: NoID, Data: []byte(`"Not authorized"`)}},
		{`51-["baz",{"_placeholder":true,"num":0}]`, Packet{Type: BinaryEvent, Namespace: "/", ID: NoID, Data: []byte(`["baz",{"_placeholder":true,"num":0}]`), Attachments: one}},
		{`52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, Packet{Type: BinaryEvent, Namespace: "/admin", ID: NoID, Data: []byte(`["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`), Attachments: two}},
		{`51-/admin,456["project:delete",{"_placeholder":true,"num":0}]`, Packet{Type: BinaryEvent, Namespace: "/admin", ID: 456, Data: []byte(`["project:delete",{"_placeholder":true,"num":0}]`), Attachments: one}},
		{`61-/admin,456[{"_placeholder":true,"num":0}]`, Packet{Type: BinaryAck, Namespace: "/admin", ID: 456, Data: []byte(`[{"_placeholder":true,"num":0}]`), Attachments: one}},
		{`50-["none"]`, Packet{Type: BinaryEvent, Namespace: "/", ID: NoID, Data: []byte(`["none"]`)}},
		{`29007199254740992["max"]`, Packet{Type: Event, Namespace: "/", ID: 1 << 53, Data: []byte(`["max"]`)}},
	} {
		got, err := decode(tt.wire, tt.want.Attachments)
		if err != nil || !same(got, tt.want) {
			t.Errorf("%s = %+v, %v; want %+v", tt.wire, got, err, tt.want)
		}
		if wire := Append(nil, tt.want); string(wire) != tt.wire {
			t.Errorf("Append = %s; want %s", wire, tt.wire)
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	for wire, want := range map[string]error{
		``:                                       ErrEmpty,
		`7`:                                      ErrType,
		`a`:                                      ErrType,
		"2[\"\xff\"]":                            ErrUTF8,
		"0/\xc3,":                                ErrUTF8,
		`2`:                                      ErrPayload,
		`2{}`:                                    ErrPayload,
		`2"foo"`:                                 ErrPayload,
		`2/admin`:                                ErrPayload,
		`2/admin["bar"]`:                         ErrPayload,
		`3["no id"]`:                             ErrID,
		`60-["no id"]`:                           ErrID,
		`012{}`:                                  ErrID,
		`112`:                                    ErrID,
		`0[]`:                                    ErrPayload,
		`0{"a":}`:                                ErrPayload,
		`0"a"`:                                   ErrPayload,
		`1{}`:                                    ErrPayload,
		`4`:                                      ErrPayload,
		`4[]`:                                    ErrPayload,
		`4{`:                                     ErrPayload,
		`5["baz"]`:                               ErrAttachments,
		`5-["baz"]`:                              ErrAttachments,
		`51["baz"]`:                              ErrAttachments,
		`5`:                                      ErrAttachments,
		`511-["baz"]`:                            ErrAttachments,
		`599999999999999999999-[""]`:             ErrAttachments,
		`5-1-["baz"]`:                            ErrAttachments,
		`29007199254740993["a"]`:                 ErrID,
		`212345678901234567["a"]`:                ErrID,
		`2` + strings.Repeat("9", 400) + `["a"]`: ErrID,
		`2-1["a"]`:                               ErrPayload,
		"0/a\x00b,":                              ErrNamespace,
		"0/" + strings.Repeat("n", MaxNamespace) + ",":      ErrNamespace,
		"0/a?" + strings.Repeat("q", MaxNamespace) + ",":    ErrNamespace,
		`2["a",` + strings.Repeat("[", MaxDepth):            ErrPayload,
		`0` + strings.Repeat(`{"a":`, MaxDepth+1):           ErrPayload,
		`2["a",` + strings.Repeat(`{"__proto__":`, 1e5):     ErrPayload,
		`20000000000000000000009007199254740993["leading"]`: ErrID,
	} {
		if got, err := decode(wire, nil); !errors.Is(err, want) {
			t.Errorf("%.60q = %+v, %v; want %v", wire, got, err, want)
		}
	}
}

func TestDecoderAttachments(t *testing.T) {
	const two = `52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":9}]`
	var d Decoder
	if _, _, err := d.Binary([]byte{1}); err != ErrUnexpected {
		t.Errorf("binary that nobody announced: %v", err)
	}
	text := []byte(two)
	if _, done, err := d.Text(text); done || err != nil {
		t.Fatalf("text: done %t, %v", done, err)
	}
	clear(text) // the decoder keeps nothing of the reader's buffer
	if _, _, err := d.Text([]byte(`2["b"]`)); err != ErrPending {
		t.Errorf("text between attachments: %v", err)
	}
	buffer := []byte{1}
	if _, done, err := d.Binary(buffer); done || err != nil {
		t.Fatalf("first: done %t, %v", done, err)
	}
	buffer[0] = 9
	p, done, err := d.Binary(nil)
	if !done || err != nil || string(p.Data) != two[3:] || len(p.Attachments) != 2 ||
		!bytes.Equal(p.Attachments[0], []byte{1}) || len(p.Attachments[1]) != 0 {
		t.Fatalf("second: %+v, done %t, %v", p, done, err)
	}
	if p, done, err := d.Text([]byte(`2["after"]`)); !done || err != nil || p.Attachments != nil {
		t.Errorf("after: %+v, done %t, %v", p, done, err)
	}
}

func TestDecoderMaxBytes(t *testing.T) {
	d := Decoder{MaxBytes: 5}
	if _, _, err := d.Text([]byte(`52-["a"]`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Binary(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Binary(make([]byte, 3)); err != ErrAttachments {
		t.Errorf("6 bytes of 5: %v", err)
	}
}

func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		`0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}`, `0/?a=b,`, `1/admin,`, `212["foo"]`, `3/admin,13["bar"]`,
		`4{"message":"no"}`, `51-["baz",{"_placeholder":true,"num":0}]`, `61-/admin,456[{"_placeholder":true,"num":0}]`,
		`212345678901234567["a"]`, `2/a,["a",{"__proto__":[[[]]]}]`, "2[\"\xff\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		p, err := decode(string(wire), make([][]byte, MaxAttachments))
		if err != nil {
			return
		}
		if len(p.Attachments) > MaxAttachments || len(p.Namespace) > MaxNamespace || p.ID < NoID || p.ID > 1<<53 {
			t.Fatalf("%q breaks a limit: %+v", wire, p)
		}
		again, err := decode(string(Append(nil, p)), p.Attachments)
		if err != nil || !same(p, again) {
			t.Fatalf("%q: %+v became %+v, %v", wire, p, again, err)
		}
	})
}

// decode runs one packet through a Decoder, with as many of the attachments as
// it asks for.
func decode(wire string, attachments [][]byte) (Packet, error) {
	var d Decoder
	p, done, err := d.Text([]byte(wire))
	for i := 0; err == nil && !done; i++ {
		if i == len(attachments) {
			return p, errors.New("wants attachment " + strconv.Itoa(i))
		}
		p, done, err = d.Binary(attachments[i])
	}
	return p, err
}

func same(a, b Packet) bool {
	if len(a.Attachments) != len(b.Attachments) {
		return false
	}
	for i := range a.Attachments {
		if !bytes.Equal(a.Attachments[i], b.Attachments[i]) {
			return false
		}
	}
	return a.Type == b.Type && a.Namespace == b.Namespace && a.Query == b.Query && a.ID == b.ID && bytes.Equal(a.Data, b.Data)
}
