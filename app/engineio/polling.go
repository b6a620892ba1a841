package engineio

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"maru/app/wire/eio"
)

// HTTP does one request and returns the whole answer, of any status; body is
// nil for a GET. The end of ctx aborts it. Answers must not come from a cache.
// It may be called by several goroutines at once.
type HTTP func(ctx context.Context, method, url string, body []byte) (status int, answer []byte, err error)

// PlatformHTTP returns the HTTP that polling uses unless Options has another:
// the browser's fetch in a tab, net/http natively. An answer of more than limit
// bytes is an error.
func PlatformHTTP(limit int64) HTTP { return newHTTP(limit, nil) }

const (
	// postTimeout bounds one POST. It is as long as the reference server
	// waits for a pong.
	postTimeout = 20 * time.Second
	// defaultPayload is what one POST carries if the handshake has no
	// maxPayload: the reference server's limit.
	defaultPayload = 1_000_000
	// maxAnswer and maxPost are how many packets one answer and one POST
	// have at most.
	maxAnswer = 1 << 14
	maxPost   = 1000
)

// errLeft tells that the session has said farewell.
var errLeft = errors.New("engineio: polling has ended")

// errPaused tells that nothing more is to be received by polling, because
// another transport takes over.
var errPaused = errors.New("engineio: polling is paused")

// polling is the Transport of HTTP long-polling (section "HTTP
// long-polling"): one held GET after the other, one POST at a time.
type polling struct {
	http    HTTP
	url     string // with the query
	limit   int64
	stamp   string
	ctx     context.Context
	cancel  context.CancelFunc
	waiting []eio.Packet // received and not yet taken

	mu         sync.Mutex
	sid        string // empty until the Open packet
	maxPayload int64
	paused     bool
	left       bool // the Close packet is on its way: no new GET
	requests   int
}

// newPolling makes the transport for url, ws(s)://host/path?query; the first
// Receive opens the session.
func newPolling(http HTTP, url string, limit int64) *polling {
	p := &polling{
		http: http, url: "http" + strings.TrimPrefix(url, "ws"), limit: limit,
		stamp: strconv.FormatInt(time.Now().UnixNano(), 36),
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

func (p *polling) Name() string { return eio.Polling }

func (p *polling) Receive() (eio.Packet, error) {
	if len(p.waiting) == 0 {
		if err := p.poll(); err != nil {
			return eio.Packet{}, err
		}
	}
	packet := p.waiting[0]
	p.waiting = p.waiting[1:]
	if packet.Type == eio.Open {
		p.opened(packet)
	}
	return packet, nil
}

// poll fetches the next payload, which the server holds back until it has one.
func (p *polling) poll() error {
	if err := p.stopped(); err != nil {
		return err
	}
	answer, err := p.do(p.ctx, "GET", nil)
	if err != nil {
		return err
	}
	for packet, err := range eio.Payload(answer, maxAnswer) {
		if err != nil {
			p.waiting = nil
			return ErrBroken
		}
		p.waiting = append(p.waiting, packet)
	}
	return nil
}

// opened notes what later requests need. What is wrong with a handshake is for
// the session to say.
func (p *polling) opened(packet eio.Packet) {
	h, err := eio.ParseHandshake(packet.Data)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && p.sid == "" {
		p.sid, p.maxPayload = h.SID, h.MaxPayload
	}
}

// Send posts the packets in as many payloads as the server's limit asks for.
func (p *polling) Send(packets []eio.Packet) error {
	sid, most := p.begin(packets)
	if sid == "" {
		return nil // a farewell to a session that is not there yet
	}
	for len(packets) > 0 {
		n := fitting(packets, most)
		ctx, cancel := context.WithTimeout(p.ctx, postTimeout)
		_, err := p.do(ctx, "POST", eio.AppendPayload(nil, packets[:n]...))
		cancel()
		if err != nil {
			return err
		}
		packets = packets[n:]
	}
	return nil
}

// fitting is how many of packets go into one payload of most bytes: at least
// one, because each was measured before it was queued.
func fitting(packets []eio.Packet, most int64) (n int) {
	size := int64(-1) // the first has no separator
	for n < min(len(packets), maxPost) {
		size += 1 + encodedLen(packets[n].Binary, len(packets[n].Data))
		if n > 0 && size > most {
			break
		}
		n++
	}
	return n
}

// encodedLen is the length of a packet in a payload.
func encodedLen(binary bool, n int) int64 {
	if binary {
		n = base64.StdEncoding.EncodedLen(n)
	}
	return 1 + int64(n)
}

// begin returns what sending packets needs.
func (p *polling) begin(packets []eio.Packet) (sid string, maxPayload int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = packets[len(packets)-1].Type == eio.Close
	if p.maxPayload == 0 {
		return p.sid, defaultPayload
	}
	return p.sid, p.maxPayload
}

func (p *polling) do(ctx context.Context, method string, body []byte) ([]byte, error) {
	status, answer, err := p.http(ctx, method, p.next(), body)
	switch {
	case err != nil:
		return nil, fmt.Errorf("engineio: polling: %w", err)
	case int64(len(answer)) > p.limit:
		return nil, ErrBroken
	case status != statusOK:
		return nil, refusal(status, answer)
	}
	return answer, nil
}

// next is the URL of the next request. Each has another one, for the caches
// that keep what they are told not to.
func (p *polling) next() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	next := p.url + "&t=" + p.stamp + "." + strconv.Itoa(p.requests)
	if p.sid != "" {
		next += "&sid=" + url.QueryEscape(p.sid)
	}
	return next
}

// pause makes Receive return errPaused once the open GET has ended and what it
// brought has been taken; nothing is lost, and no new GET begins.
func (p *polling) pause() { p.setPaused(true) }

// resume takes pause back.
func (p *polling) resume() { p.setPaused(false) }

func (p *polling) setPaused(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = paused
}

// stopped tells why no further GET may begin, if so.
func (p *polling) stopped() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.left:
		return errLeft
	case p.paused:
		return errPaused
	}
	return nil
}

// Close aborts the open GET. The session's last packet has been sent by then.
func (p *polling) Close() { p.cancel() }
