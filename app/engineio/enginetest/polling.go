package enginetest

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"maru/app/wire/eio"
)

// unknownSID is what the reference implementation answers, with status 400.
const unknownSID = `{"code":1,"message":"Session ID unknown"}`

// Answer is what a request gets instead of the regular answer.
type Answer struct {
	Status int
	Body   string
	Err    error
}

// http is the state of a long-polling peer.
type http struct {
	mu      sync.Mutex
	answers map[string]Answer // by method, for one request each
	open    map[string]bool   // requests under way, by method
	overlap bool
	posts   []string
	held    chan struct{} // not nil: POSTs wait for its end
}

// HTTP is for engineio.Options.
func (s *Server) HTTP(ctx context.Context, method, address string, body []byte) (int, []byte, error) {
	p, err := s.find(address)
	switch {
	case err != nil:
		return 0, nil, err
	case p == nil:
		return 400, []byte(unknownSID), nil
	}
	if !p.http.begin(method) {
		return 400, []byte(`{"code":3,"message":"Bad request"}`), nil
	}
	defer p.http.end(method)
	if a, ok := p.http.answer(method); ok {
		return a.Status, []byte(a.Body), a.Err
	}
	if method == "POST" {
		return p.post(ctx, string(body))
	}
	return p.get(ctx)
}

// find returns the peer that a request is for, a new one for a handshake.
func (s *Server) find(address string) (*Peer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if sid := u.Query().Get("sid"); sid != "" {
		return s.polling[sid], nil
	}
	if s.polling == nil {
		return nil, ErrRefused
	}
	p := newPeer(address)
	p.http.answers, p.http.open = map[string]Answer{}, map[string]bool{}
	s.polls <- p
	return p, nil
}

// SetPollingDown makes the server refuse long-polling for good.
func (s *Server) SetPollingDown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polling = nil
}

// Requests counts the HTTP requests.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// NextPoll waits for a handshake by long-polling and leaves it silent.
func (s *Server) NextPoll() *Peer { return <-s.polls }

// AcceptPoll waits for a handshake by long-polling and answers it with a
// session of that id, which can be upgraded.
func (s *Server) AcceptPoll(sid string) *Peer {
	return s.AcceptPollWith(sid, strings.Replace(Open, `"upgrades":[]`, `"upgrades":["websocket"]`, 1))
}

// AcceptPollWith is AcceptPoll with another handshake, whose id is replaced.
func (s *Server) AcceptPollWith(sid, open string) *Peer {
	p := s.NextPoll()
	s.mu.Lock()
	s.polling[sid] = p
	s.mu.Unlock()
	p.Send(strings.Replace(open, "lv_VI97HAXpY6yYWAAAC", sid, 1))
	return p
}

// Forget makes the server forget a session of long-polling.
func (s *Server) Forget(sid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.polling, sid)
}

// AnswerNext gives the next request of that method another answer.
func (p *Peer) AnswerNext(method string, a Answer) {
	p.http.mu.Lock()
	defer p.http.mu.Unlock()
	p.http.answers[method] = a
}

// Hold lets POSTs wait, before their packets are taken, until release is
// called.
func (p *Peer) Hold() (release func()) {
	held := make(chan struct{})
	p.http.mu.Lock()
	defer p.http.mu.Unlock()
	p.http.held = held
	return func() {
		p.http.mu.Lock()
		defer p.http.mu.Unlock()
		p.http.held = nil
		close(held)
	}
}

// Posts returns the bodies of all POSTs so far.
func (p *Peer) Posts() []string {
	p.http.mu.Lock()
	defer p.http.mu.Unlock()
	return append([]string(nil), p.http.posts...)
}

// Overlapped tells whether two requests of one method were under way at once,
// which a server answers by ending the session.
func (p *Peer) Overlapped() bool {
	p.http.mu.Lock()
	defer p.http.mu.Unlock()
	return p.http.overlap
}

// Polled tells whether a GET is waiting.
func (p *Peer) Polled() bool {
	p.http.mu.Lock()
	defer p.http.mu.Unlock()
	return p.http.open["GET"]
}

// MoveTo gives what no GET has fetched to the connection that a session has
// been upgraded to.
func (p *Peer) MoveTo(ws *Peer) {
	for {
		select {
		case f := <-p.toClient:
			ws.toClient <- f
		default:
			return
		}
	}
}

func (h *http) begin(method string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[method] {
		h.overlap = true
		return false
	}
	h.open[method] = true
	return true
}

func (h *http) end(method string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open[method] = false
}

func (h *http) answer(method string) (Answer, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a, ok := h.answers[method]
	delete(h.answers, method)
	return a, ok
}

// get holds the request until there is something to say, then says it all.
func (p *Peer) get(ctx context.Context) (int, []byte, error) {
	var payload []byte
	if len(p.toClient) == 0 { // what was sent before the end still arrives
		select {
		case f := <-p.toClient:
			payload = f.appendTo(payload)
		case <-p.closed:
			return 400, []byte(unknownSID), nil
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
	for {
		select {
		case f := <-p.toClient:
			if payload != nil {
				payload = append(payload, eio.Separator)
			}
			payload = f.appendTo(payload)
		default:
			return 200, payload, nil
		}
	}
}

func (f frame) appendTo(payload []byte) []byte {
	if f.typ == websocket.MessageBinary {
		return eio.Append(payload, eio.Packet{Type: eio.Message, Binary: true, Data: f.data})
	}
	return append(payload, f.data...)
}

func (p *Peer) post(ctx context.Context, body string) (int, []byte, error) {
	p.http.mu.Lock()
	p.http.posts = append(p.http.posts, body)
	held := p.http.held
	p.http.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
	for part := range strings.SplitSeq(body, string(eio.Separator)) {
		f := frame{websocket.MessageText, []byte(part)}
		if text, ok := strings.CutPrefix(part, "b"); ok {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return 400, []byte(strconv.Quote(part)), nil
			}
			f = frame{websocket.MessageBinary, data}
		}
		p.toServer <- f
		if part == string(eio.Close) {
			p.Drop()
		}
	}
	return 200, []byte("ok"), nil
}
