package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/chat"
	"maru/backend/engineio"
	"maru/backend/socketio"
	"maru/backend/store"
)

// binding binds the events of the chat to the rules.
type binding struct {
	hub     *hub
	rooms   *chat.Rooms
	glances *glances
	signer  *chat.Signer
	limits  *limits
	lang    text.Lang
	version string
	keeper  string
	log     *slog.Logger
}

// person is who is behind a socket. Only the goroutine that serves the session
// uses it.
type person struct {
	conn   string // unique for ever, other than the id of a socket that is brought back
	device chat.Device
	known  bool // it keeps its token, and so will be known again
	lang   text.Lang
	seats  map[string]*presence
	last   string       // the room joined last
	stock  *cursors     // of a client that keeps no token; else nil
	back   []chat.Entry // the rooms it is brought back to, until that is done
}

// presence is a person's being in one room.
type presence struct {
	seat   chat.Seat
	back   bool // it was brought back
	feed   *feed
	member *member
}

func (b *binding) bind(ns *socketio.Namespace) {
	ns.TextOnly()
	ns.OnConnect(b.connect)
	ns.OnConnected(b.connected)
	ns.OnResume(b.resume)
	ns.OnDisconnect(b.disconnect)
	ns.On(event.Join, b.handler(b.join))
	ns.On(event.Leave, b.handler(b.leave))
	ns.On(event.Send, b.handler(b.message))
	ns.On(event.History, b.handler(b.history))
	b.bindChanges(ns)
	b.bindMoments(ns)
	ns.On(event.Search, b.handler(b.search))
	ns.On(event.Peek, b.handler(b.peek))
	ns.On(event.Pass, b.handler(b.pass))
	ns.On(event.Redeem, b.handler(b.redeem))
	ns.OnOther(b.handler(unknown))
}

// outcome is what a verb gives: the result for the ack, and what is to be done
// once the ack is on its way.
type outcome struct {
	result appender
	after  func()
}

type verb func(ctx context.Context, s *socketio.Socket, p *person, arg json.RawMessage) (outcome, error)

// handler makes a verb a Socket.IO handler: what it returns is the ack.
func (b *binding) handler(v verb) socketio.Handler {
	return func(ctx context.Context, s *socketio.Socket, e socketio.Event) socketio.Reply {
		var arg json.RawMessage
		if len(e.Args) > 0 {
			arg = e.Args[0]
		}
		p := s.Data.(*person)
		if over := b.limits.count(s); over != nil {
			return refuseAck(p.lang, over)
		}
		timed, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()
		o, err := v(timed, s, p, arg)
		if err != nil {
			return socketio.Reply{Args: refuse(b.refusal(e.Name, p.lang, err))}
		}
		return socketio.Reply{Args: accept(o.result), After: o.after}
	}
}

// refusal is what the person sees of an error. Our own are logged here, once.
func (b *binding) refusal(name string, lang text.Lang, err error) *event.Error {
	var e *event.Error
	var down *chat.Unavailable
	if errors.As(err, &down) {
		b.log.Warn("not stored", "event", name, "err", err)
	}
	if !errors.As(err, &e) {
		b.log.Error("failed", "event", name, "err", err)
		e = event.Refuse(event.Internal)
	}
	return &event.Error{Code: e.Code, Message: text.Refusal(lang, e.Code), RetryAfter: e.RetryAfter}
}

func (b *binding) connect(ctx context.Context, s *socketio.Socket, raw json.RawMessage) ([]byte, error) {
	auth := event.ParseAuth(raw)
	lang, ok := text.FromTag(auth.Lang)
	if !ok {
		lang = b.lang
	}
	if err := b.limits.connect(s, lang); err != nil {
		return nil, err
	}
	socket := ""
	if !auth.Keeps {
		socket, auth.Token = readPid(auth.Pid)
	}
	device, ok := b.signer.Check(auth.Token)
	if !ok {
		auth.Token, device = b.signer.Issue()
	}
	p := &person{conn: rand.Text(), device: device, known: auth.Keeps, lang: lang, seats: map[string]*presence{}}
	s.Data = p
	w := event.Welcome{Token: auth.Token, Version: b.version, Store: b.keeper}
	if !auth.Keeps {
		p.stock = &cursors{}
		p.known = ok // it has shown that it brings its pid
		if ok && b.recover(ctx, s, p, auth.Offset) {
			s.SetID(socket)
		}
		w.Pid = newPid(s.ID(), auth.Token)
	}
	return w.AppendMembers(nil), nil
}

// disconnect takes a person out of all rooms. But who will be known again, and
// lost the connection rather than closed it, stays until the lease ends: most
// are back by then, on this server or the next, and nobody needs to hear of it.
func (b *binding) disconnect(s *socketio.Socket, reason string) {
	p, ok := s.Data.(*person)
	if !ok {
		return
	}
	if engineio.Reason(reason) == engineio.Moved {
		for _, in := range p.seats {
			b.hub.remove(in.feed, in.member, true)
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.hub.ctx), storeTimeout)
	defer cancel()
	stays := p.known && lost(engineio.Reason(reason))
	if p.stock != nil && reason == clientLeft {
		b.remember(ctx, p, nil)
	}
	for _, in := range p.seats {
		if stays {
			b.hub.remove(in.feed, in.member, false)
			in.forget()
			continue
		}
		if err := b.vacate(ctx, p, in); err != nil {
			b.log.Warn("leave a room", "err", err) // the lease ends by itself
		}
	}
}

// lost tells whether a connection ended without the person having ended it.
func lost(reason engineio.Reason) bool {
	switch reason {
	case engineio.PingTimeout, engineio.TransportError, engineio.SlowConsumer, engineio.ServerShutdown, engineio.ServerError:
		return true
	}
	return false
}

func (b *binding) join(ctx context.Context, s *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseJoin(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	before := p.seats[q.Room]
	if before == nil && len(p.seats) >= event.MaxRooms {
		return outcome{}, event.Refuse(event.TooManyRooms)
	}
	if over := b.limits.room(q.Room); over != nil {
		return outcome{}, over
	}
	if before != nil && before.seat.Name != q.Username {
		err := b.vacate(ctx, p, before) // comes again as somebody else
		b.left(ctx, s, p)
		if err != nil {
			return outcome{}, err
		}
		before = nil
	}
	now := time.Now()
	entry, err := b.rooms.Join(ctx, chat.Conn{ID: p.conn, Device: p.device}, q, now)
	if err != nil {
		return outcome{}, err
	}
	p.last = q.Room
	if before != nil { // is here already: it hears everything as it is
		b.hub.remove(before.feed, before.member, false)
	}
	in := b.seat(s, p, entry.Seat)
	s.SetPlace(q.Room, entry.From.String())
	s.SetPlace(peopleKey(q.Room), "")
	offset := ""
	if p.stock != nil {
		offset = p.stock.enter(q.Room, entry.From)
		b.remember(ctx, p, p.stays())
	}
	b.keep(s, p)
	return outcome{entry.Answer, func() {
		if entry.Fresh {
			_ = s.Send(encodePost(chat.Greeting(entry.Seat, now, b.lang), offset)) // its session tells if it is gone
		}
		b.attach(s, in, entry.From, entry.Head)
	}}, nil
}

// seat puts a person into a room's feed, where it hears nothing before attach.
func (b *binding) seat(s *socketio.Socket, p *person, seat chat.Seat) *presence {
	in := &presence{seat: seat}
	in.feed, in.member = b.hub.add(s, seat, p.stock)
	p.seats[seat.Room] = in
	return in
}

// attach brings the newcomer to where the others are. What it has missed is
// told beside its own events, at its own pace: on long-polling, that needs
// requests which may be waiting for the one that is served here.
func (b *binding) attach(s *socketio.Socket, in *presence, from, head store.Pos) {
	done, _, err := in.feed.tryAttach(in.member, from, head)
	if err != nil {
		b.attached(s, err)
	}
	if done || err != nil || !b.hub.begin() {
		return
	}
	go func() {
		defer b.hub.running.Done()
		b.attached(s, in.feed.attach(b.hub.ctx, in.member, from, head))
	}()
}

// attached closes a connection that could not be brought to where the others
// are: it would miss lines without knowing, so it must come again.
func (b *binding) attached(s *socketio.Socket, err error) {
	var closed *engineio.CloseError
	if err == nil || errors.Is(err, errGone) || errors.As(err, &closed) || errors.Is(err, socketio.ErrDisconnected) {
		return
	}
	if b.hub.ctx.Err() == nil {
		b.log.Warn("catch up", "err", err)
	}
	s.Close(engineio.ServerError)
}

func (b *binding) leave(ctx context.Context, s *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseRoom(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	in := p.seats[q.Room]
	if in == nil {
		return outcome{}, event.Refuse(event.NotJoined)
	}
	err := b.vacate(ctx, p, in)
	b.left(ctx, s, p)
	return outcome{}, err
}

// left keeps, for whoever brings the person back, that it is not in a room any
// more.
func (b *binding) left(ctx context.Context, s *socketio.Socket, p *person) {
	b.keep(s, p)
	if p.stock != nil {
		b.remember(ctx, p, p.stays())
	}
}

// forget forgets the places in a room that one is not in any more.
func (in *presence) forget() {
	in.member.socket.SetPlace(in.seat.Room, "")
	in.member.socket.SetPlace(peopleKey(in.seat.Room), "")
}

// vacate takes a person out of a room. The feed goes first: one who leaves
// hears nothing more, not even of the leaving.
func (b *binding) vacate(ctx context.Context, p *person, in *presence) error {
	b.hub.remove(in.feed, in.member, false)
	in.forget()
	delete(p.seats, in.seat.Room)
	if p.stock != nil {
		p.stock.leave(in.seat.Room)
	}
	if p.last == in.seat.Room {
		p.last = ""
	}
	return b.rooms.Leave(ctx, in.seat)
}

func (b *binding) message(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseSend(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	if q.Room == "" {
		q.Room = p.last
	}
	in := p.seats[q.Room]
	if in == nil {
		return outcome{}, event.Refuse(event.NotJoined)
	}
	if over := b.limits.room(q.Room); over != nil {
		return outcome{}, over
	}
	q.ID = orNew(q.ID)
	sent, err := b.rooms.Post(ctx, in.seat, q)
	return outcome{result: sent}, err
}

func (b *binding) history(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseHistory(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	if p.seats[q.Room] == nil {
		return outcome{}, event.Refuse(event.NotJoined)
	}
	page, err := b.rooms.History(ctx, q)
	return outcome{result: page}, err
}

func unknown(context.Context, *socketio.Socket, *person, json.RawMessage) (outcome, error) {
	return outcome{}, event.Refuse(event.UnknownEvent)
}
