package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"maru/app/chat"
	"maru/app/engineio"
	"maru/app/socketio"
	"maru/app/wire/eio"
	"maru/app/wire/event"
	"maru/backend/chaos/judge"
	"maru/backend/store/faultproxy"
)

// memory is a device's storage.
type memory struct {
	mu   sync.Mutex
	kept map[string]string
}

func (m *memory) Get(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[key]
}

func (m *memory) Set(key, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string]string{}
	}
	m.kept[key] = value
}

// transports are how people connect, in turn.
var transports = []struct {
	name   string
	engine engineio.Options
}{
	{"WebSocket first", engineio.Options{}},
	{"polling alone", engineio.Options{Only: eio.Polling}},
	{"polling, then WebSocket", engineio.Options{Prefer: engineio.PollingFirst}},
	{"WebSocket alone", engineio.Options{Only: eio.WebSocket}},
}

// person is the product's own client with somebody who writes, and an eye on
// the page. Its network is a link of its own.
type person struct {
	name   string
	rec    *recorder
	tap    *tap
	link   *faultproxy.Proxy
	client *chat.Client
	stop   func()

	mu    sync.Mutex // held over what is done and written down together
	rooms map[string]*watch
	next  string // the id of the next message
	wrote int
	gone  bool
}

// newPerson starts the n-th person, who reaches the rooms through link.
func newPerson(t *tap, n int, link *faultproxy.Proxy) *person {
	p := &person{name: fmt.Sprintf("p%d", n), rec: t.rec, tap: t, link: link, rooms: map[string]*watch{}}
	t.who = p.name
	engine := p.tap.engine(transports[n%len(transports)].engine, fmt.Sprintf("10.0.%d.%d", n/250, n%250+1))
	device := &memory{}
	p.client = chat.New(chat.Config{
		Manager: socketio.New(socketio.Options{URL: "ws://" + link.Addr() + event.Path, Engine: engine, Observer: p.tap}),
		Storage: device, Now: time.Now,
		NewID: func() string { return p.next }, Lang: func() string { return "en" },
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = p.client.Run(ctx) }) // it ends with ctx
	running.Go(func() { p.watch(ctx) })
	p.stop = func() {
		cancel()
		running.Wait()
		p.tap.client.CloseIdleConnections()
	}
	return p
}

// frame is how often the page is looked at, at most.
const frame = 20 * time.Millisecond

func (p *person) watch(ctx context.Context) {
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for {
		select {
		case <-p.client.Changed():
			p.look()
		case <-ctx.Done():
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look writes down what the page shows now and did not before.
func (p *person) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return
	}
	for name, w := range p.rooms {
		r, ok := p.client.Room(name)
		if !ok {
			continue
		}
		inside := r.Phase == chat.Inside
		if inside && !w.inside {
			p.rec.add(judge.Line{Op: judge.Inside, Who: p.name, Room: name, User: r.Me})
		}
		w.inside = inside
		if r.Phase == chat.Refused { // somebody who is refused asks again
			p.client.Enter(name, p.name)
		}
		if r.Rev == w.rev {
			continue
		}
		if l, changed := w.look(p.client, r); changed {
			l.Who, l.Room = p.name, name
			p.rec.add(l)
		}
	}
}

func (p *person) id() string { return p.name }

func (p *person) network() *faultproxy.Proxy { return p.link }

// wake tells the client what a browser tells it of the network.
func (p *person) wake(online bool) { p.client.SetOnline(online) }

func (p *person) enter(room string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.rooms[room] != nil {
		return
	}
	p.rec.add(judge.Line{Op: judge.Enter, Who: p.name, Room: room})
	p.rooms[room] = &watch{rev: -1}
	p.client.Enter(room, p.name)
}

func (p *person) exit(room string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.rooms[room] == nil {
		return
	}
	p.client.Exit(room)
	delete(p.rooms, room)
	p.rec.add(judge.Line{Op: judge.Exit, Who: p.name, Room: room})
}

// write says something that nobody has ever said.
func (p *person) write(room string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.rooms[room] == nil {
		return
	}
	p.wrote++
	text := fmt.Sprintf("%s-%d", p.name, p.wrote)
	p.next = "i-" + text
	p.rec.add(judge.Line{Op: judge.Send, Who: p.name, Room: room, ID: p.next, Text: text})
	if refusal := p.client.Post(room, text); refusal != nil {
		p.rec.add(judge.Line{Op: judge.Nack, Who: p.name, Room: room, ID: p.next, Why: string(refusal.Code)})
	}
}

// vanish is a battery that is taken out: the network goes first, so that nobody
// is told.
func (p *person) vanish() {
	p.mu.Lock()
	p.gone = true
	p.tap.end(judge.Line{Op: judge.Vanish, Who: p.name})
	p.mu.Unlock()
	_ = p.link.Close() // the listener was open
	p.stop()
}

// leave ends a person at the end of a run.
func (p *person) leave() {
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	p.tap.end(judge.Line{Op: judge.Down, Who: p.name})
	p.stop()
	_ = p.link.Close()
}

// waits tells what this person still lacks; "" if nothing. heads has the last
// message of each room, once that is known.
func (p *person) waits(heads map[string]int64) string {
	p.look()
	p.mu.Lock()
	defer p.mu.Unlock()
	if state := p.client.Link(); state.State != chat.Online {
		return "a connection"
	}
	for name, w := range p.rooms {
		r, _ := p.client.Room(name)
		switch {
		case r.Phase != chat.Inside:
			return "being in " + name
		case r.Unsent > 0:
			return fmt.Sprintf("%d acks in %s", r.Unsent, name)
		case last(w.items) < heads[name]:
			return fmt.Sprintf("what came after %d in %s, up to %d", last(w.items), name, heads[name])
		}
	}
	if n := p.client.Missing(); n > 0 {
		p.fillLocked()
		return fmt.Sprintf("%d lines that are missing", n)
	}
	return ""
}

// fillLocked loads what was missed, as a person does who comes to a gap: it
// stays one if it is too long to be filled without being asked.
func (p *person) fillLocked() {
	for name, w := range p.rooms {
		for i, it := range w.items {
			if i > 0 && it.Kind == chat.Gap {
				p.client.Fill(name, it.Key)
			}
		}
	}
}

// seats tells as whom this person is in which rooms.
func (p *person) seats() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	seats := map[string]string{}
	for name := range p.rooms {
		if r, ok := p.client.Room(name); ok && r.Phase == chat.Inside {
			seats[name] = r.Me
		}
	}
	return seats
}

// sees tells whether everybody of in is in the lists of people, and with only nobody else.
func (p *person) sees(in map[string][]string, only bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.rooms {
		r, _ := p.client.Room(name)
		if only && len(r.Users) != len(in[name]) {
			return false
		}
		for _, user := range in[name] {
			if !slices.ContainsFunc(r.Users, func(u event.User) bool { return u.ID == user }) {
				return false
			}
		}
	}
	return true
}

// people writes down who is said to be in each room.
func (p *person) people() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.rooms {
		r, _ := p.client.Room(name)
		l := judge.Line{Op: judge.People, Who: p.name, Room: name}
		for _, u := range r.Users {
			l.Users = append(l.Users, u.ID)
		}
		p.rec.add(l)
	}
}
