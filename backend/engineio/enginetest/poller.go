package enginetest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// Poller is a bare long-polling client: it speaks payloads, and knows no
// packet but the handshake.
type Poller struct {
	t        testing.TB
	listener *Listener
	client   *http.Client
	URL      string // with the session's id
	SID      string
}

// Answer is what a request got; Status is 0 if it broke off.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

const pollURL = "http://chat.test/socket.io/?EIO=4&transport=polling"

// Poll opens a session on long-polling and takes its handshake.
func (l *Listener) Poll(t testing.TB) *Poller {
	t.Helper()
	p := &Poller{t: t, listener: l, client: l.Client(), URL: pollURL}
	first := p.Get()
	var handshake struct{ SID string }
	if first.Status != http.StatusOK || !strings.HasPrefix(first.Body, "0{") ||
		json.Unmarshal([]byte(first.Body[1:]), &handshake) != nil || handshake.SID == "" {
		t.Fatalf("handshake: %d %q", first.Status, first.Body)
	}
	p.SID = handshake.SID
	p.URL += "&sid=" + handshake.SID
	return p
}

// Get polls, and waits for the answer.
func (p *Poller) Get() Answer { return p.Do(context.Background(), http.MethodGet, nil) }

// Post sends a payload, and waits for the answer.
func (p *Poller) Post(payload string) Answer {
	return p.Do(context.Background(), http.MethodPost, strings.NewReader(payload))
}

// Hold polls without waiting; the answer comes over the channel.
func (p *Poller) Hold(ctx context.Context) <-chan Answer {
	answer := make(chan Answer, 1)
	go func() { answer <- p.Do(ctx, http.MethodGet, nil) }()
	return answer
}

// Do makes a request of the session; header are pairs of name and value.
func (p *Poller) Do(ctx context.Context, method string, body io.Reader, header ...string) Answer {
	r, err := http.NewRequestWithContext(ctx, method, p.URL, body)
	if err != nil {
		p.t.Error(err)
		return Answer{}
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return Answer{}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(data)}
}

// Want polls; the answer must be that payload.
func (p *Poller) Want(payload string) {
	p.t.Helper()
	if a := p.Get(); a.Status != http.StatusOK || a.Body != payload {
		p.t.Fatalf("poll: %d %.300q, want %.300q", a.Status, a.Body, payload)
	}
}

// Write sends a payload, which must be taken.
func (p *Poller) Write(payload string) {
	p.t.Helper()
	if a := p.Post(payload); a.Status != http.StatusOK || a.Body != "ok" {
		p.t.Fatalf("post: %d %q", a.Status, a.Body)
	}
}

// WantGone polls; the session must not be known any more.
func (p *Poller) WantGone() {
	p.t.Helper()
	if a := p.Get(); a.Status != http.StatusBadRequest || a.Body != `{"code":1,"message":"Session ID unknown"}` {
		p.t.Fatalf("poll: %d %.300q of a session that should be gone", a.Status, a.Body)
	}
}

// Upgrade opens a WebSocket that the session may move to.
func (p *Poller) Upgrade() *Peer {
	p.t.Helper()
	return p.listener.dial(p.t, openURL+"&sid="+p.SID)
}

func (l *Listener) dial(t testing.TB, url string) *Peer {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPClient: l.Client()})
	if err != nil {
		t.Fatal("dial:", err)
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() }) // it may be closed already
	return &Peer{t, ws}
}
