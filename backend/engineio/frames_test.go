package engineio

import (
	"bufio"
	"encoding/binary"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"maru/backend/engineio/enginetest"
)

// bare opens a session and returns the connection under its WebSocket, with the
// handshake taken. It asks for compression, which must not be granted.
func (w *world) bare() (*enginetest.Conn, *bufio.Reader) {
	w.t.Helper()
	conn := w.raw("GET /?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat.test\r\n" +
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		w.t.Fatalf("upgrade: %+v, %v", res, err)
	}
	if opcode, _ := serverFrame(w.t, r); opcode != 0x1 {
		w.t.Fatalf("the handshake is of opcode %d", opcode)
	}
	return conn, r
}

// serverFrame reads one short frame of the server; opcode -1 is the end.
func serverFrame(t *testing.T, r *bufio.Reader) (opcode int, payload []byte) {
	t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return -1, nil
	}
	size := int(head[1])
	if size == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return -1, nil
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	}
	payload = make([]byte, size)
	if _, err := io.ReadFull(r, payload); err != nil {
		return -1, nil
	}
	return int(head[0] & 0xf), payload
}

// masked is a frame of a client, whose mask changes nothing.
func masked(first byte, payload string) string {
	return string([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}) + payload
}

// Frames that RFC 6455 forbids end their session, at once and with the code
// that it asks for. A length allocates nothing.
func TestBrokenFrames(t *testing.T) {
	const protocolError, cut = 1002, 0
	huge := func(length uint64, first byte) string {
		b := append([]byte{first, 0x80 | 127}, make([]byte, 12)...)
		binary.BigEndian.PutUint64(b[2:], length)
		return string(b) + "4hello"
	}
	for _, test := range []struct {
		name, frames string
		code         int
	}{
		{"unmasked", "\x81\x064hello", protocolError},
		{"first reserved bit, as of compression", masked(0x81|0x40, "4hello"), protocolError},
		{"second reserved bit", masked(0x81|0x20, "4hello"), protocolError},
		{"third reserved bit", masked(0x81|0x10, "4hello"), protocolError},
		{"reserved opcode", masked(0x83, "4hello"), protocolError},
		{"reserved control opcode", masked(0x8b, "4hello"), protocolError},
		{"a ping in fragments", masked(0x09, "a"), protocolError},
		{"a ping that is too long", "\x89\xfe\x00\x7e\x00\x00\x00\x00" + strings.Repeat("x", 126), protocolError},
		{"a continuation of nothing", masked(0x80, "4hello"), protocolError},
		{"a message within another", masked(0x01, "4a") + masked(0x81, "4b"), protocolError},
		{"a close frame of one byte", masked(0x88, "\x03"), protocolError},
		{"a close code that nobody sends", masked(0x88, "\x03\xed"), protocolError},
		{"a close code out of range", masked(0x88, "\xff\xff"), protocolError},
		{"a negative length", huge(1<<63, 0x81), cut},
		{"a length of 1 TB", huge(1<<40, 0x81), cut},
		{"the longest length", huge(1<<63-1, 0x82), cut},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
				bystander := w.dial()
				conn, r := w.bare()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := time.Now()
				if _, err := io.WriteString(conn, test.frames); err != nil {
					t.Fatal(err)
				}
				if test.code == cut {
					_ = conn.Close() // what was announced never comes
				}
				opcode, payload := serverFrame(t, r)
				for opcode == 0x9 || opcode == 0x1 {
					opcode, payload = serverFrame(t, r)
				}
				if test.code != cut && (opcode != 0x8 || len(payload) < 2 || int(binary.BigEndian.Uint16(payload)) != test.code) {
					t.Errorf("answered with %d %q", opcode, payload)
				}
				_ = conn.Close()
				advance(closeGrace)
				runtime.ReadMemStats(&after)
				if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
					t.Errorf("%d bytes were allocated", grown)
				}
				if took := time.Since(began); took > 2*closeGrace {
					t.Errorf("ended after %v", took)
				}
				w.server.mu.Lock()
				left := len(w.server.sessions)
				w.server.mu.Unlock()
				if left != 1 {
					t.Errorf("%d sessions are left, want the bystander's", left)
				}
				wantAlive(bystander)
			})
		})
	}
}
