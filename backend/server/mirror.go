package server

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// mirrorPath is a bare WebSocket that answers what it is told, for people who
// bring nothing but new WebSocket(url).
const mirrorPath = "/ws"

// mirrorIdle is how long a mirror stays that nobody looks into.
const mirrorIdle = 5 * time.Minute

// mirror answers each text message; what is no text is refused.
func mirror(ctx context.Context, lang text.Lang, allowed func(*http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !allowed(r) {
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			return
		}
		// The origin was checked above, exactly.
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return // it has been answered
		}
		defer func() { _ = c.CloseNow() }()
		c.SetReadLimit(event.MaxTextBytes)
		for answerOnce(ctx, c, lang) {
		}
	}
}

// answerOnce answers one message and tells whether there may be more.
func answerOnce(ctx context.Context, c *websocket.Conn, lang text.Lang) bool {
	ctx, cancel := context.WithTimeout(ctx, mirrorIdle)
	defer cancel()
	typ, words, err := c.Read(ctx)
	if err != nil {
		return false
	}
	if typ != websocket.MessageText || !utf8.Valid(words) {
		_ = c.Close(websocket.StatusUnsupportedData, "text only")
		return false
	}
	return c.Write(ctx, typ, []byte(lang.T(text.AdminEcho, string(words)))) == nil
}
