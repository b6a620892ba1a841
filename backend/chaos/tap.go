package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"maru/app/engineio"
	"maru/app/wire/eio"
	"maru/app/wire/event"
	"maru/app/wire/sio"
	"maru/backend/chaos/judge"
)

// tap reads along what one client says on the wire and is answered: each try of
// a message, and what became of it. It is the client's Observer too.
type tap struct {
	rec    *recorder
	who    string
	client *http.Client

	mu      sync.Mutex
	flights map[int64]event.SendRequest // tries without an answer, by the packet's id
	dead    bool                        // nothing is written down any more
}

// newTap makes a tap for a client that gets its name later. With replay, a GET
// whose connection broke off is sent again, as browsers do.
func newTap(rec *recorder, replay bool) *tap {
	return &tap{rec: rec, flights: map[int64]event.SendRequest{}, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, DisableKeepAlives: !replay},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// engine has o go through the tap, as if it came from an address of its own.
func (t *tap) engine(o engineio.Options, address string) engineio.Options {
	header := http.Header{"X-Forwarded-For": {address}}
	o.Dial = func(ctx context.Context, url string) (engineio.Conn, error) {
		c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: header, HTTPClient: t.client})
		if err != nil {
			return nil, err
		}
		return &tapped{c, t}, nil
	}
	o.HTTP = func(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
		t.payload(body, t.out)
		status, answer, err := t.do(ctx, method, url, body, header)
		if err == nil && status == http.StatusOK {
			t.payload(answer, t.in)
		}
		return status, answer, err
	}
	return o
}

func (t *tap) do(ctx context.Context, method, url string, body []byte, header http.Header) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header = header.Clone()
	if body != nil {
		r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	response, err := t.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 8<<20))
	return response.StatusCode, answer, err
}

// tapped is a WebSocket that is read along.
type tapped struct {
	*websocket.Conn
	tap *tap
}

func (c *tapped) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	typ, data, err := c.Conn.Read(ctx)
	if err == nil && typ == websocket.MessageText {
		c.tap.packet(data, c.tap.in)
	}
	return typ, data, err
}

func (c *tapped) Write(ctx context.Context, typ websocket.MessageType, data []byte) error {
	if typ == websocket.MessageText {
		c.tap.packet(data, c.tap.out)
	}
	return c.Conn.Write(ctx, typ, data)
}

const maxPackets = 1 << 14

func (t *tap) payload(body []byte, take func(sio.Packet)) {
	for p, err := range eio.Payload(body, maxPackets) {
		if err != nil {
			return // the client says so itself
		}
		if p.Type == eio.Message && !p.Binary {
			t.message(p.Data, take)
		}
	}
}

func (t *tap) packet(frame []byte, take func(sio.Packet)) {
	if len(frame) > 0 && frame[0] == '4' {
		t.message(frame[1:], take)
	}
}

func (t *tap) message(data []byte, take func(sio.Packet)) {
	var d sio.Decoder
	if p, done, err := d.Text(bytes.Clone(data)); err == nil && done {
		take(p)
	}
}

// out sees a packet leave.
func (t *tap) out(p sio.Packet) {
	if p.Type != sio.Event || p.ID == sio.NoID {
		return
	}
	name, args, err := sio.EventArgs(p.Data)
	if err != nil || name != event.Send || len(args) == 0 {
		return
	}
	q, refusal := event.ParseSend(args[0])
	if refusal != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return
	}
	for id, before := range t.flights { // the client has given up waiting
		if before.ID == q.ID {
			delete(t.flights, id)
			t.rec.add(judge.Line{Op: judge.Info, Who: t.who, Room: before.Room, ID: before.ID, Why: "no answer"})
		}
	}
	t.flights[p.ID] = q
	t.rec.add(judge.Line{Op: judge.Try, Who: t.who, Room: q.Room, ID: q.ID, Wall: time.Now().UnixMilli()})
}

// in sees a packet come.
func (t *tap) in(p sio.Packet) {
	if p.Type != sio.Ack {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	q, ok := t.flights[p.ID]
	if !ok || t.dead {
		return
	}
	delete(t.flights, p.ID)
	l := judge.Line{Op: judge.Ack, Who: t.who, Room: q.Room, ID: q.ID}
	args, err := sio.Args(p.Data)
	var result json.RawMessage
	if err == nil {
		result, err = event.ParseAck(args)
	}
	var sent event.Sent
	if err == nil {
		sent, err = event.ParseSent(result)
	}
	l.Seq = sent.Seq
	var refusal *event.Error
	switch {
	case err == nil:
	case errors.As(err, &refusal) && final(refusal):
		l.Op, l.Why = judge.Nack, string(refusal.Code)
	default:
		l.Op, l.Why = judge.Info, err.Error()
	}
	t.rec.add(l)
}

// final tells that a refused message is not sent again by itself.
func final(e *event.Error) bool { return !e.Temporary() && e.Code != event.NotJoined }

// Connected implements socketio.Observer. What had no answer by then gets none.
func (t *tap) Connected(up bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return
	}
	if up {
		t.rec.add(judge.Line{Op: judge.Up, Who: t.who})
		return
	}
	t.rec.add(judge.Line{Op: judge.Down, Who: t.who})
	for id, q := range t.flights {
		delete(t.flights, id)
		t.rec.add(judge.Line{Op: judge.Info, Who: t.who, Room: q.Room, ID: q.ID, Why: "connection lost"})
	}
}

// Answered implements socketio.Observer.
func (t *tap) Answered(time.Duration) {}

// end writes down l and nothing after it.
func (t *tap) end(l judge.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dead {
		t.dead = true
		t.rec.add(l)
	}
}
