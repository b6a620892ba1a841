package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"maru/app/socketio"
	"maru/app/wire/event"
	"maru/backend/chaos/judge"
	"maru/backend/store/faultproxy"
)

// bare is a client that knows Socket.IO and nothing of the chat, as those of
// other languages: it carries pid and offset, hears events, and sends again
// what got no answer.
type bare struct {
	name    string
	rec     *recorder
	tap     *tap
	link    *faultproxy.Proxy
	manager *socketio.Manager
	socket  *socketio.Socket
	ctx     context.Context
	stop    func()
	running sync.WaitGroup

	mu      sync.Mutex
	pid     string
	offset  string
	rooms   map[string]*bareRoom
	online  bool
	session int // counts connections
	wrote   int
	gone    bool
}

type bareRoom struct {
	inside bool
	user   string // as whom it was let in
	heard  int64
	unsent []event.SendRequest
	flying bool
}

func stock(t *tap, n int, link *faultproxy.Proxy) member {
	b := &bare{name: fmt.Sprintf("s%d", n), rec: t.rec, tap: t, link: link, rooms: map[string]*bareRoom{}}
	t.who = b.name
	engine := b.tap.engine(transports[n%len(transports)].engine, fmt.Sprintf("10.2.%d.%d", n/250, n%250+1))
	b.manager = socketio.New(socketio.Options{URL: "ws://" + link.Addr() + event.Path, Engine: engine, Observer: b.tap, Queue: 1024})
	b.socket = b.manager.Socket(event.Chat, b.auth)
	ctx, cancel := context.WithCancel(context.Background())
	b.ctx = ctx
	b.running.Go(func() { _ = b.manager.Run(ctx) }) // it ends with ctx
	b.running.Go(b.listen)
	b.stop = func() {
		cancel()
		b.running.Wait()
		b.tap.client.CloseIdleConnections()
	}
	return b
}

// auth is what a stock client brings after a lost connection.
func (b *bare) auth() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pid == "" {
		return nil
	}
	auth, _ := json.Marshal(map[string]string{"pid": b.pid, "offset": b.offset}) // strings always marshal
	return auth
}

func (b *bare) listen() {
	for {
		e, err := b.socket.Next(b.ctx)
		if err != nil {
			return
		}
		b.mu.Lock()
		switch e.Kind {
		case socketio.Connected:
			b.connectedLocked(event.ParseWelcome(e.Data))
		case socketio.Disconnected:
			b.online = false
			b.session++
			for _, r := range b.rooms {
				r.inside, r.flying = false, false
			}
		case socketio.Message:
			b.hearLocked(e)
		}
		b.mu.Unlock()
	}
}

// connectedLocked goes on where it was if the server says so, and else joins
// anew. A room that was not joined before the connection went is joined anyway.
func (b *bare) connectedLocked(w event.Welcome) {
	recovered := b.pid != "" && w.Pid == b.pid
	b.pid, b.online = w.Pid, true
	for name, r := range b.rooms {
		if recovered && r.heard > 0 {
			r.inside = true
			b.sendLocked(name, r)
			continue
		}
		b.joinLocked(name)
	}
}

func (b *bare) joinLocked(name string) {
	r := b.rooms[name]
	if r == nil || !b.online || r.inside {
		return
	}
	r.heard = 0
	b.rec.add(judge.Line{Op: judge.Anew, Who: b.name, Room: name})
	b.callLocked(event.Join, event.JoinRequest{Username: b.name, Room: name}.Append(nil), func(result json.RawMessage, err error) {
		r := b.rooms[name]
		j, parseErr := event.ParseJoined(result)
		switch {
		case r == nil || !b.online:
		case errors.Is(err, event.Refuse(event.NameTaken)):
			b.againLocked(func() { b.joinLocked(name) })
		case err != nil || parseErr != nil:
			// It may be in the room or not. To join once more would leave out
			// what was said between the two, so it begins with a new connection.
			b.running.Go(b.manager.Offline)
		default:
			r.inside, r.user = true, j.User
			b.rec.add(judge.Line{Op: judge.Inside, Who: b.name, Room: name, User: j.User})
			b.sendLocked(name, r)
		}
	})
}

func (b *bare) hearLocked(e socketio.Event) {
	if e.Name != event.Message || len(e.Args) == 0 || b.gone {
		return
	}
	var offset string
	if n := len(e.Args); n > 1 && json.Unmarshal(e.Args[n-1], &offset) == nil {
		b.offset = offset
	}
	p, err := event.ParsePost(e.Args[0])
	r := b.rooms[p.Room]
	if err != nil || r == nil || p.Seq == 0 {
		return
	}
	r.heard = p.Seq
	l := judge.Line{Op: judge.Heard, Who: b.name, Room: p.Room, Seq: p.Seq, Kind: string(p.Kind)}
	if p.Kind == event.KindText {
		l.Text = p.Text
	}
	b.rec.add(l)
}

// callLocked asks the server; done is called with the lock held, unless the
// connection is another one by then.
func (b *bare) callLocked(name string, arg []byte, done func(json.RawMessage, error)) {
	session := b.session
	b.running.Go(func() {
		ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		defer cancel()
		args, err := b.socket.Call(ctx, name, arg)
		var result json.RawMessage
		if err == nil {
			result, err = event.ParseAck(args)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.session == session && !b.gone {
			done(result, err)
		}
	})
}

// againLocked does something a second later.
func (b *bare) againLocked(do func()) {
	session := b.session
	b.running.Go(func() {
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-b.ctx.Done():
			return
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.session == session && !b.gone {
			do()
		}
	})
}

// sendLocked sends the next message of a room, if none is under way.
func (b *bare) sendLocked(name string, r *bareRoom) {
	if b.rooms[name] != r || !r.inside || r.flying || len(r.unsent) == 0 {
		return
	}
	r.flying = true
	q := r.unsent[0]
	b.callLocked(event.Send, q.Append(nil), func(_ json.RawMessage, err error) {
		r.flying = false
		var refusal *event.Error
		switch {
		case err == nil, errors.As(err, &refusal) && final(refusal):
			r.unsent = r.unsent[1:]
			b.sendLocked(name, r)
		case refusal != nil && refusal.Code == event.NotJoined:
			r.inside = false
			b.againLocked(func() { b.joinLocked(name) })
		default:
			b.againLocked(func() { b.sendLocked(name, r) })
		}
	})
}

func (b *bare) id() string { return b.name }

func (b *bare) network() *faultproxy.Proxy { return b.link }

func (b *bare) wake(online bool) {
	if online {
		b.manager.Wake()
	} else {
		b.manager.Offline()
	}
}

func (b *bare) enter(room string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone || b.rooms[room] != nil {
		return
	}
	b.rec.add(judge.Line{Op: judge.Enter, Who: b.name, Room: room})
	b.rooms[room] = &bareRoom{}
	b.joinLocked(room)
}

// exit does nothing: these stay.
func (b *bare) exit(string) {}

func (b *bare) write(room string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.rooms[room]
	if b.gone || r == nil {
		return
	}
	b.wrote++
	text := fmt.Sprintf("%s-%d", b.name, b.wrote)
	q := event.SendRequest{Room: room, ID: "i-" + text, Text: text}
	b.rec.add(judge.Line{Op: judge.Send, Who: b.name, Room: room, ID: q.ID, Text: text})
	r.unsent = append(r.unsent, q)
	b.sendLocked(room, r)
}

func (b *bare) vanish() { b.end(judge.Line{Op: judge.Vanish, Who: b.name}) }

func (b *bare) leave() { b.end(judge.Line{Op: judge.Down, Who: b.name}) }

func (b *bare) end(l judge.Line) {
	b.mu.Lock()
	b.gone = true
	b.tap.end(l)
	b.mu.Unlock()
	_ = b.link.Close() // the listener was open
	b.stop()
}

func (b *bare) waits(heads map[string]int64) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.online {
		return "a connection"
	}
	for name, r := range b.rooms {
		switch {
		case !r.inside:
			return "being in " + name
		case len(r.unsent) > 0:
			return fmt.Sprintf("%d acks in %s", len(r.unsent), name)
		case r.heard > 0 && r.heard < heads[name]:
			return fmt.Sprintf("what came after %d in %s, up to %d", r.heard, name, heads[name])
		}
	}
	return ""
}

// seats tells as whom it is in each room: it is the same person all the time.
func (b *bare) seats() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	seats := map[string]string{}
	for name, r := range b.rooms {
		if r.inside && r.user != "" {
			seats[name] = r.user
		}
	}
	return seats
}

func (b *bare) sees(map[string][]string, bool) bool { return true }

func (b *bare) people() {}
