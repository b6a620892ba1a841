package engineio

import (
	"compress/gzip"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"maru/app/wire/eio"
)

// minCompressed is the shortest payload that is worth compressing, in bytes.
const minCompressed = 1 << 10

var compressors = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level exists
	}
	return w
}}

// poll is one GET of the peer.
type poll struct {
	w        http.ResponseWriter
	gzip     bool          // the peer takes a compressed answer
	stamp    string        // by which the peer makes each GET another one; may be empty
	answered chan struct{} // closed when w may not be used any more
}

// poll serves a GET: it is answered once something is due. The reference ends
// a session whose GETs overlap, and one whose GET breaks off, since nobody
// knows then what has arrived.
//
// Nor does anybody know of a GET that comes again once it was answered, as
// browsers and proxies send it when a connection broke off that they had used
// before: the peer never saw that answer.
func (s *Session) poll(w http.ResponseWriter, r *http.Request) {
	g := &poll{w: w, gzip: acceptsGzip(r.Header), stamp: stampOf(r), answered: make(chan struct{})}
	if s.answered(g.stamp) {
		s.Close(TransportError)
		refuse(w, http.StatusBadRequest, eio.ErrUnknownSID)
		return
	}
	switch held, overlap := s.polling.hold(g); {
	case overlap:
		s.Close(TransportError)
		refuse(w, http.StatusBadRequest, eio.ErrBadRequest)
		return
	case !held && s.Reason() == Moved: // while this request came here: the peer polls again
		_ = g.answer([]Frame{noopFrame}, time.Now().Add(s.server.cfg.WriteTimeout))
		return
	case !held:
		refuse(w, http.StatusBadRequest, eio.ErrUnknownSID)
		return
	}
	defer s.watch()()
	defer s.leaveAfter()
	select {
	case <-g.answered:
	case <-r.Context().Done():
		if !s.polling.drop(g) {
			<-g.answered
			return
		}
		s.Close(TransportClose)
		s.wake() // it may have been closed before
	}
}

// maxStamp is the longest stamp that is kept, in bytes.
const maxStamp = 64

func stampOf(r *http.Request) string {
	stamp := r.URL.Query().Get("t")
	if len(stamp) > maxStamp {
		return ""
	}
	return stamp
}

// answered tells whether a GET with that stamp was the last to be answered.
func (s *Session) answered(stamp string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return stamp != "" && stamp == s.stamp
}

// stampLocked notes the GET that is about to be answered.
func (s *Session) stampLocked() {
	if s.polling != nil && s.transport == transport(s.polling) {
		s.polling.mu.Lock()
		defer s.polling.mu.Unlock()
		if g := s.polling.reserved; g != nil {
			s.stamp = g.stamp
		}
	}
}

// hurryAfter is how long a GET is kept that could be answered with nothing at
// once: a peer that polls on meanwhile need not do it as fast as it can.
const hurryAfter = 50 * time.Millisecond

// watch answers a GET that has just come when something is due. What it
// returns is to be called once the GET is answered.
func (s *Session) watch() (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakeLocked()
	if !s.hurriesLocked() {
		return func() {}
	}
	t := time.AfterFunc(hurryAfter, s.wake)
	return func() { t.Stop() }
}

// hold makes g the GET that waits, unless there is one already.
func (p *polling) hold(g *poll) (held, overlap bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.held != nil {
		return false, p.held != nil
	}
	p.held = g
	return true, false
}

// drop gives up on a GET that broke off. It is too late when its answer is
// under way.
func (p *polling) drop(g *poll) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != g {
		return false
	}
	p.held, p.over = nil, true
	return true
}

// expire bounds the answer under way.
func (g *poll) expire(t time.Time) {
	// It fails only where the server has no deadlines, as in some tests.
	_ = http.NewResponseController(g.w).SetWriteDeadline(t)
}

// answer sends frames as one payload.
func (g *poll) answer(frames []Frame, deadline time.Time) error {
	g.expire(deadline)
	buf := batches.Get().(*[]byte)
	defer putBatch(buf)
	*buf = appendPayload((*buf)[:0], frames)
	h := g.w.Header()
	plainHeader(h)
	if len(*buf) >= minCompressed {
		h.Add("Vary", "Accept-Encoding")
		if g.gzip {
			return g.answerCompressed(*buf)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(*buf)))
	if _, err := g.w.Write(*buf); err != nil {
		return err
	}
	return http.NewResponseController(g.w).Flush()
}

func (g *poll) answerCompressed(payload []byte) error {
	g.w.Header().Set("Content-Encoding", "gzip")
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(g.w)
	if _, err := z.Write(payload); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return http.NewResponseController(g.w).Flush()
}

func plainHeader(h http.Header) {
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

func appendPayload(dst []byte, frames []Frame) []byte {
	for i, f := range frames {
		if i > 0 {
			dst = append(dst, eio.Separator)
		}
		if f.Binary {
			dst = eio.Append(dst, eio.Packet{Type: eio.Message, Binary: true, Data: f.Data})
		} else {
			dst = append(dst, f.Data...)
		}
	}
	return dst
}

// payloadSize is what f takes in a payload, with its separator.
func payloadSize(f Frame) int64 {
	if f.Binary {
		return int64(base64.StdEncoding.EncodedLen(len(f.Data))) + 2
	}
	return int64(len(f.Data)) + 1
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3) as far as it
// speaks of gzip.
func acceptsGzip(h http.Header) bool {
	for _, value := range h.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(value, ",") {
			name, params, _ := strings.Cut(coding, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				weight, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
				return !ok || strings.Trim(weight, "0.") != ""
			}
		}
	}
	return false
}
