package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/engineio"
)

// mirrorPath is a bare WebSocket that answers what it is told, for people who
// bring nothing but new WebSocket(url).
const mirrorPath = "/ws"

// mirrorIdle is how long a mirror stays that nobody looks into.
const mirrorIdle = 5 * time.Minute

// mirror answers each text message; what is no text is refused.
func mirror(ctx context.Context, lang text.Lang, allowed func(*http.Request) bool, l *limits) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !allowed(r) {
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			return
		}
		p, wait := l.admit(r)
		if p == nil {
			w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
			http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
			return
		}
		defer p.Leave()
		// The origin was checked above, exactly.
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return // it has been answered
		}
		defer func() { _ = c.CloseNow() }()
		c.SetReadLimit(-1) // answerOnce has its own
		for answerOnce(ctx, c, lang, p) {
		}
	}
}

// answerOnce answers one message and tells whether there may be more. There is
// no answer by which to tell that it was too much, but to close.
func answerOnce(ctx context.Context, c *websocket.Conn, lang text.Lang, p *pass) bool {
	ctx, cancel := context.WithTimeout(ctx, mirrorIdle)
	defer cancel()
	typ, words, err := hear(ctx, c)
	over, _ := p.event()
	reason := engineio.Reason("")
	switch {
	case errors.Is(err, errTooLong):
		reason = engineio.MessageTooBig
	case err != nil:
		return false
	case over != nil:
		reason = engineio.RateLimited
	case typ != websocket.MessageText || !utf8.Valid(words):
		_ = c.Close(websocket.StatusUnsupportedData, "text only")
		return false
	default:
		return c.Write(ctx, typ, []byte(lang.T(text.AdminEcho, string(words)))) == nil
	}
	_ = c.Close(reason.Code(), string(reason)) // the client may be gone
	return false
}

var errTooLong = errors.New("server: the message is too long")

// hear reads one message, of which it keeps no more than the limit.
func hear(ctx context.Context, c *websocket.Conn) (websocket.MessageType, []byte, error) {
	typ, r, err := c.Reader(ctx)
	if err != nil {
		return typ, nil, err
	}
	words, err := io.ReadAll(io.LimitReader(r, event.MaxTextBytes+1))
	if len(words) > event.MaxTextBytes {
		return typ, nil, errTooLong
	}
	return typ, words, err
}
