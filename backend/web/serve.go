package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// versionHeader tells the service worker which release a page belongs to.
const versionHeader = "Maru-Version"

// servePage answers with the first page, for the room in the path if there is one.
func (w *Web) servePage(rw http.ResponseWriter, r *http.Request) {
	lang := language(rw, r)
	room := ""
	if named := r.PathValue("room"); named != "" {
		clean, refusal := event.CleanRoom(named)
		if refusal != nil {
			w.refuseRoom(rw, r, lang, refusal)
			return
		}
		if clean != named {
			http.Redirect(rw, r, "/r/"+url.PathEscape(clean), http.StatusFound)
			return
		}
		room = clean
	}
	w.answerPage(rw, r, Page{Lang: lang, Room: room})
}

// serveConnection answers with the page about the connection.
func (w *Web) serveConnection(rw http.ResponseWriter, r *http.Request) {
	w.answerPage(rw, r, Page{Lang: language(rw, r), Connection: true})
}

// languageCookie holds the language that the person has chosen in the app.
const languageCookie = "maru-lang"

// language returns that of the pages: the one chosen, or what the browser prefers.
func language(rw http.ResponseWriter, r *http.Request) text.Lang {
	rw.Header().Add("Vary", "Accept-Language, Cookie")
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if l, ok := text.FromTag(cookie.Value); ok {
			return l
		}
	}
	return text.Parse(r.Header.Get("Accept-Language"))
}

func (w *Web) answerPage(rw http.ResponseWriter, r *http.Request, p Page) {
	lang := p.Lang
	page, err := w.renderPage(p)
	if err != nil {
		http.Error(rw, text.Refusal(lang, event.Internal), http.StatusInternalServerError)
		return
	}
	rw.Header().Set(versionHeader, w.version)
	rw.Header().Set("Content-Language", lang.String())
	revalidate(rw, r, "text/html; charset=utf-8", page)
}

// refuseRoom answers an address whose room can't be: one of blanks alone leads to
// the page to join, others are told why.
func (w *Web) refuseRoom(rw http.ResponseWriter, r *http.Request, lang text.Lang, refusal *event.Error) {
	if errors.Is(refusal, event.Refuse(event.RoomEmpty)) {
		goHome(rw, r)
		return
	}
	w.servePageLost(rw, r, lang, text.Refusal(lang, refusal.Code))
}

// serveLost answers addresses that lead nowhere: a person who follows a link gets
// the page to join a room, which tells why; programs get one line.
func (w *Web) serveLost(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Vary", "Accept")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.NotFound(rw, r)
		return
	}
	lang := language(rw, r)
	w.servePageLost(rw, r, lang, lang.T(text.JoinLost))
}

func (w *Web) servePageLost(rw http.ResponseWriter, r *http.Request, lang text.Lang, why string) {
	page, err := w.renderPage(Page{Lang: lang, Refusal: why})
	if err != nil {
		http.Error(rw, text.Refusal(lang, event.Internal), http.StatusInternalServerError)
		return
	}
	h := rw.Header()
	h.Set(versionHeader, w.version)
	h.Set("Content-Language", lang.String())
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	h.Set("Cache-Control", "no-store")
	rw.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		// The peer may be gone; there is nobody left to tell.
		_, _ = rw.Write(page)
	}
}

func goHome(rw http.ResponseWriter, r *http.Request) {
	http.Redirect(rw, r, "/", http.StatusFound)
}

// serveFavicon answers browsers that ask for the icon by its old name.
func (w *Web) serveFavicon(rw http.ResponseWriter, r *http.Request) {
	icon, err := w.read("icons/favicon-32.png")
	if err != nil {
		http.NotFound(rw, r)
		return
	}
	revalidate(rw, r, "image/png", icon)
}

// serveRobots asks search engines to leave the rooms alone.
func serveRobots(rw http.ResponseWriter, r *http.Request) {
	revalidate(rw, r, "text/plain; charset=utf-8", []byte("User-agent: *\nAllow: /$\nDisallow: /\n"))
}

func serveHealth(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	// The peer may be gone; there is nobody left to tell.
	_, _ = rw.Write([]byte("ok\n"))
}
