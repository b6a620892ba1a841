package socketio

import (
	"bytes"
	"context"
	"encoding/json"

	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// state is what another instance must know to go on with a client.
type state struct {
	Sockets []socketState      `json:"sockets,omitempty"`
	Partial []engineio.Message `json:"partial,omitempty"` // of a packet whose attachments are still to come
}

type socketState struct {
	Namespace string `json:"namespace"`
	ID        string `json:"id"`
	Data      []byte `json:"data,omitempty"`
}

// keep hands the client's state to the session, after it has changed. It runs
// on the session's goroutine.
func (c *client) keep() {
	if !c.session.Kept() {
		return
	}
	st := state{Partial: c.partial}
	for _, s := range c.all() {
		if s.answered() {
			st.Sockets = append(st.Sockets, socketState{s.namespace.name, s.id, s.state})
		}
	}
	b, err := json.Marshal(st)
	if err != nil {
		panic(err) // bytes and strings always marshal
	}
	c.session.SetState(b)
}

// answered tells whether the client knows the socket, and may still use it.
func (s *Socket) answered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.welcomed && s.reason == ""
}

// resume goes on where another instance was; false if that can't be read.
func (c *client) resume(raw []byte) bool {
	if len(raw) == 0 {
		return true
	}
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return false
	}
	for _, at := range st.Sockets {
		n, ok := c.server.namespaces[at.Namespace]
		if !ok {
			return false
		}
		s := newSocket(c, n)
		s.id, s.state, s.welcomed = at.ID, at.Data, true
		c.add(s)
		c.timer.Stop()
		if n.onResume != nil && n.onResume(c.ctx, s, at.Data) != nil {
			return false
		}
	}
	for _, m := range st.Partial {
		if _, whole, err := c.take(m); whole || err != nil || c.awaitAttachments() != "" {
			return false
		}
	}
	c.partial = st.Partial
	return true
}

// OnResume sets who goes on with a socket that was connected on another
// instance, where its data was kept by Keep. It runs before any of the
// client's events; an error closes the session, so that the client connects
// anew.
func (n *Namespace) OnResume(f func(ctx context.Context, s *Socket, data []byte) error) {
	n.onResume = f
}

// Keep keeps data for the instance that goes on with the socket, if another one
// does. It may be called in the callbacks of the namespace only. Nobody may
// change data any more.
func (s *Socket) Keep(data []byte) {
	s.state = data
	s.client.keep()
}

// Moves tells whether the socket may go on on another instance, so that what is
// kept counts.
func (s *Socket) Moves() bool { return s.client.session.Kept() }

// SendAt is Send with a place; see engineio.Session.SendAt. The key belongs to
// the socket's namespace alone if all of the program's do.
func (s *Socket) SendAt(key, place string, p Packet) error {
	if p.namespace != s.namespace.name {
		return ErrNamespace
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" && s.welcomed {
		return s.client.session.SendAt(key, place, p.frames...)
	}
	err := s.sendLocked(p.frames)
	if err == nil {
		s.client.session.SetPlace(key, place)
	}
	return err
}

// SetPlace keeps a place; see engineio.Session.SetPlace.
func (s *Socket) SetPlace(key, place string) { s.client.session.SetPlace(key, place) }

// Place is what was kept by SendAt or SetPlace.
func (s *Socket) Place(key string) string { return s.client.session.Place(key) }

// keepPartial keeps a message of a packet that is not whole yet, which may go
// on on another instance.
func (c *client) keepPartial(m engineio.Message) {
	if c.session.Kept() {
		c.partial = append(c.partial, engineio.Message{Binary: m.Binary, Data: bytes.Clone(m.Data)})
		c.keep()
	}
}

// take decodes a message of the session.
func (c *client) take(m engineio.Message) (p sio.Packet, whole bool, err error) {
	if m.Binary {
		return c.decoder.Binary(m.Data)
	}
	return c.decoder.Text(m.Data)
}
