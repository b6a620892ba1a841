package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"maru/app/wire/event"
	"maru/app/wire/sio"
	"maru/app/wire/text"
	"maru/backend/chat"
)

// api is the rooms by plain HTTP, for scripts, webhooks and networks on which
// nothing else works. Its errors are problem details (RFC 9457).
type api struct {
	rooms   *chat.Rooms
	signer  *chat.Signer
	lang    text.Lang
	binding *binding // for what a person sees of an error
	hub     *hub
	allowed func(*http.Request) bool
	share   sharing
	waiting chan struct{} // one for each request that waits
}

// Limits of the API.
const (
	maxWait    = 25 * time.Second // then a request that waits comes back empty
	maxWaiting = 4096             // requests that wait at a time
	maxBody    = 64 << 10
)

// The resources there are.
const (
	roomPath     = "/api/rooms/{room}"
	messagesPath = "/api/rooms/{room}/messages"
	searchPath   = "/api/rooms/{room}/search"
)

func (a *api) register(mux *http.ServeMux) {
	a.waiting = make(chan struct{}, maxWaiting)
	mux.HandleFunc("GET "+roomPath, a.handler(a.peek))
	mux.HandleFunc("GET "+messagesPath, a.handler(a.read))
	mux.HandleFunc("POST "+messagesPath, a.handler(a.post))
	mux.HandleFunc("GET "+searchPath, a.handler(a.search))
	mux.HandleFunc("/api/", a.handler(func(http.ResponseWriter, *http.Request, string) error { return errNoSuchThing }))
}

var (
	errNoSuchThing = errors.New("no such resource or method")
	errForeign     = errors.New("pages of other origins may not use this")
	errBusy        = errors.New("too many requests wait")
)

// handler checks what all requests have in common, and answers errors.
func (a *api) handler(serve func(w http.ResponseWriter, r *http.Request, room string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Add("Vary", "Accept-Language")
		if !a.allowed(r) {
			a.problem(w, r, errForeign)
			return
		}
		if a.share.with(w, r) {
			return
		}
		if over := a.binding.limits.request(r); over != nil {
			a.problem(w, r, over)
			return
		}
		room, refusal := event.CleanRoom(r.PathValue("room"))
		if refusal != nil && r.Pattern != "/api/" {
			a.problem(w, r, refusal)
			return
		}
		if err := serve(w, r, room); err != nil {
			a.problem(w, r, err)
		}
	}
}

// status is the HTTP status of a refusal.
func status(code event.Code) int {
	switch code {
	case event.NameTaken, event.Conflict:
		return http.StatusConflict
	case event.NameReserved, event.NotJoined, event.NotYours:
		return http.StatusForbidden
	case event.Gone:
		return http.StatusGone
	case event.RateLimited:
		return http.StatusTooManyRequests
	case event.Unavailable:
		return http.StatusServiceUnavailable
	case event.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// problem answers with problem details. The code is the same as in an ack.
func (a *api) problem(w http.ResponseWriter, r *http.Request, err error) {
	lang := a.lang
	if accept := r.Header.Get("Accept-Language"); accept != "" {
		lang = text.Parse(accept)
	}
	var code int
	var e *event.Error
	switch {
	case errors.Is(err, errNoSuchThing):
		code, e = http.StatusNotFound, &event.Error{Code: "not_found", Message: err.Error()}
	case errors.Is(err, errForeign):
		code, e = http.StatusForbidden, &event.Error{Code: "forbidden", Message: err.Error()}
	case errors.Is(err, errBusy):
		code, e = http.StatusServiceUnavailable, &event.Error{Code: event.Unavailable, Message: err.Error(), RetryAfter: time.Second}
	default:
		e = a.binding.refusal("api", lang, err)
		code = status(e.Code)
	}
	body := []byte(`{"type":"about:blank","title":`)
	body = sio.AppendString(body, http.StatusText(code))
	body = append(body, `,"status":`...)
	body = sio.AppendInt(body, int64(code))
	body = append(body, `,"detail":`...)
	body = sio.AppendString(body, e.Message)
	body = append(body, `,"code":`...)
	body = append(sio.AppendString(body, string(e.Code)), '}')
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(e.RetryAfter)))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	_, _ = w.Write(body) // the client may be gone
}

// seconds rounds up, as Retry-After must (RFC 9110, section 10.2.3).
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// query is what a reader asks for.
type query struct {
	after  string
	follow bool // after was given
	before int64
	limit  int
	wait   time.Duration
}

func parseQuery(r *http.Request) (q query, refusal *event.Error) {
	v := r.URL.Query()
	q.after, q.follow, q.limit = v.Get("after"), v.Has("after"), event.MaxPage/2
	var err error
	if s := v.Get("before"); s != "" {
		if q.before, err = strconv.ParseInt(s, 10, 64); err != nil || q.before < 1 || q.follow {
			return q, event.Refuse(event.BadRequest)
		}
	}
	if s := v.Get("limit"); s != "" {
		if q.limit, err = strconv.Atoi(s); err != nil || q.limit < 1 {
			return q, event.Refuse(event.BadRequest)
		}
		q.limit = min(q.limit, event.MaxPage)
	}
	if s := v.Get("wait"); s != "" {
		if q.wait, err = time.ParseDuration(s); err != nil || q.wait < 0 {
			return q, event.Refuse(event.BadRequest)
		}
		q.wait = min(q.wait, maxWait)
	}
	if len(q.after) > event.MaxCursor {
		return q, event.Refuse(event.BadRequest)
	}
	return q, nil
}

// read gives the lines after a cursor, oldest first, waiting for one if asked
// to; or a page of posts, newest first. Both tell the cursor to go on from.
func (a *api) read(w http.ResponseWriter, r *http.Request, room string) error {
	q, refusal := parseQuery(r)
	if refusal != nil {
		return refusal
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout+q.wait)
	defer cancel()
	if q.follow {
		return a.readAfter(ctx, w, r, room, q)
	}
	head, err := a.rooms.Head(ctx, room)
	if err != nil {
		return err
	}
	page, err := a.rooms.History(ctx, event.HistoryRequest{Room: room, Before: q.before, Limit: q.limit})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, pageReading{page, head.String()})
}

func (a *api) readAfter(ctx context.Context, w http.ResponseWriter, r *http.Request, room string, q query) error {
	if q.wait > 0 {
		leave, over := a.binding.limits.wait(r)
		if over != nil {
			return over
		}
		defer leave()
		select {
		case a.waiting <- struct{}{}:
			defer func() { <-a.waiting }()
		default:
			return errBusy
		}
	}
	wait, cancel := context.WithTimeout(ctx, q.wait)
	defer cancel()
	defer context.AfterFunc(a.hub.ctx, cancel)() // a server that goes away answers what waits
	got, err := a.rooms.Read(ctx, wait, room, q.after, q.limit, a.lang)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, reading{room, got})
}

// pageReading is a page with the cursor to go on from.
type pageReading struct {
	event.Page
	cursor string
}

// Append appends r as JSON.
func (r pageReading) Append(dst []byte) []byte {
	dst = r.Page.Append(dst)
	dst = append(dst[:len(dst)-1], `,"cursor":`...)
	return append(sio.AppendString(dst, r.cursor), '}')
}

// reading is what came after a cursor: posts, and changes of them, which have a
// kind.
type reading struct {
	room string
	chat.Reading
}

// Append appends r as JSON.
func (r reading) Append(dst []byte) []byte {
	dst = sio.AppendString(append(dst, `{"room":`...), r.room)
	dst = append(dst, `,"messages":[`...)
	for i, l := range r.Lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = l.Append(dst)
	}
	dst = sio.AppendString(append(dst, `],"cursor":`...), r.Cursor.String())
	if r.Reset {
		dst = append(dst, `,"reset":true`...)
	}
	return append(dst, '}')
}

func answer(w http.ResponseWriter, code int, result appender) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(result.Append(nil), '\n')) // the client may be gone
	return nil
}

// post stores a message. The Idempotency-Key makes that it is stored once,
// however often it is sent; with it a script needs no token to be the same.
func (a *api) post(w http.ResponseWriter, r *http.Request, room string) error {
	raw, err := readBody(w, r)
	if err != nil {
		return err
	}
	o, err := sio.ParseObject(raw)
	if err != nil {
		return event.Refuse(event.BadRequest)
	}
	name, _, err := o.String("username")
	words, _, err2 := o.String("text")
	replyTo, _, err3 := o.Int("replyTo")
	if err != nil || err2 != nil || err3 != nil || replyTo < 0 {
		return event.Refuse(event.BadRequest)
	}
	name, refusal := event.CleanName(name)
	if refusal == nil {
		refusal = event.CheckText(words)
	}
	if refusal != nil {
		return refusal
	}
	device, id, err := a.author(r)
	if err != nil {
		return err
	}
	if over := a.binding.limits.room(room); over != nil {
		return over
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	sent, err := a.rooms.Say(ctx, device, event.SendRequest{Room: room, ID: id, Text: words, ReplyTo: replyTo}, name)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, sent)
}

// author tells who posts, and under which id.
func (a *api) author(r *http.Request) (chat.Device, string, error) {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > event.MaxToken {
		return "", "", event.Refuse(event.BadRequest)
	}
	device, ok := a.signer.Check(bearer(r))
	if !ok {
		device = chat.Stranger(key)
	}
	return device, chat.KeyedID(key), nil
}

func bearer(r *http.Request) string {
	const scheme = "Bearer "
	if h := r.Header.Get("Authorization"); len(h) > len(scheme) && len(h) < len(scheme)+event.MaxToken {
		return h[len(scheme):]
	}
	return ""
}

func readBody(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	rc := http.NewResponseController(w)
	if err := rc.SetReadDeadline(time.Now().Add(storeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	var raw json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&raw); err != nil {
		return nil, event.Refuse(event.BadRequest)
	}
	return raw, nil
}
