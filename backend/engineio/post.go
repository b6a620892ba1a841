package engineio

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"time"

	"maru/app/wire/eio"
)

// post serves a POST: it is answered once all of its packets have been dealt
// with, so that a peer can't send faster than it is served. The reference ends
// a session whose POSTs overlap.
func (s *Session) post(w http.ResponseWriter, r *http.Request) {
	if !s.polling.startPost() {
		s.Close(TransportError)
		refuse(w, http.StatusBadRequest, eio.ErrBadRequest)
		return
	}
	data, reason := s.readBody(w, r)
	if reason != "" {
		s.Close(reason)
	}
	at, err := s, error(nil)
	if reason == "" {
		at, err = s.claimPost(r)
	}
	if reason == "" && err == nil {
		reason = at.takePost(data)
		if err = at.save(true); err != nil && !errors.Is(err, ErrLostTurn) && !errors.Is(err, ErrNoSession) {
			at.Close(ServerError) // nobody knows by now what was kept of it
		}
		at.polling.endPost() // before the answer, which allows the next one
		at.leaveAfter()
	} else {
		s.polling.endPost()
	}
	answerPost(w, reason, err)
}

// claimPost makes sure that the session is here and stays until its POST has
// been served: it may have gone elsewhere while the body came.
func (s *Session) claimPost(r *http.Request) (*Session, error) {
	if _, asks := s.claimed(); !asks {
		return s, nil
	}
	at, err := s.server.claim(r, s.id, s.server.cfg.BodyTimeout)
	if err != nil || at == s {
		return s, err
	}
	if !at.bind(r) { // what was known of it here was out of date
		return s, ErrNoSession
	}
	s.polling.endPost()
	if !at.polling.startPost() {
		return s, ErrBusy
	}
	return at, nil
}

// answerPost answers a POST. A peer that is gone needs no answer. What could
// not be kept is lost to whoever goes on with the session, so that the peer
// must come back.
func answerPost(w http.ResponseWriter, reason Reason, err error) {
	switch {
	case errors.Is(err, ErrNoSession):
		refuse(w, http.StatusBadRequest, eio.ErrUnknownSID)
	case err != nil:
		unavailable(w)
	case reason == "":
		plainHeader(w.Header())
		_, _ = io.WriteString(w, "ok")
	case reason == MessageTooBig:
		refuse(w, http.StatusRequestEntityTooLarge, eio.ErrBadRequest)
	case reason == RateLimited:
		refuse(w, http.StatusTooManyRequests, eio.ErrBadRequest)
	default:
		refuse(w, http.StatusBadRequest, eio.ErrBadRequest)
	}
}

func (p *polling) startPost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.posting {
		return false
	}
	p.posting = true
	return true
}

func (p *polling) isPosting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.posting
}

func (p *polling) endPost() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posting = false
}

// takePost hands the body to Receive and waits until its last packet has been
// dealt with. The reason is that of the refusal.
func (s *Session) takePost(data []byte) Reason {
	b := &body{rest: data, done: make(chan struct{})}
	select {
	case s.polling.bodies <- b:
	case <-s.polling.stop:
		return BadRequest
	}
	select {
	case <-b.done:
		return ""
	case <-s.ctx.Done():
	}
	// The end may be what the peer has asked for.
	if reason := s.Reason(); reason != TransportClose && reason != ForcedClose {
		return reason
	}
	return ""
}

// readBody reads a payload, within BodyTimeout and the session's life.
// It is never inflated: compressed, it is broken.
func (s *Session) readBody(w http.ResponseWriter, r *http.Request) ([]byte, Reason) {
	cfg := &s.server.cfg
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/octet-stream" {
		return nil, ParseError // the form of an older revision
	}
	if r.ContentLength > cfg.MaxPayload {
		return nil, MessageTooBig
	}
	ended, cut := make(chan struct{}), false
	stop := context.AfterFunc(s.ctx, func() {
		defer close(ended)
		if cut = s.Reason() != Moved; cut { // else the session goes on, and has it here again
			expireRead(w, time.Now())
		}
	})
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, cfg.MaxPayload))
	if !stop() {
		<-ended // w may not be used once the request is over
	}
	if err == nil && !cut {
		expireRead(w, time.Time{})
		w.Header().Del("Connection")
	}
	var tooBig *http.MaxBytesError
	switch {
	case err == nil:
		return data, ""
	case errors.As(err, &tooBig):
		return nil, MessageTooBig
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, TransportError
	}
	return nil, TransportClose
}
