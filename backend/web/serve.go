package web

import (
	"errors"
	"net/http"
	"net/url"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// versionHeader tells the service worker which release a page belongs to.
const versionHeader = "Maru-Version"

// servePage answers with the first page, for the room in the path if there is one.
func (w *Web) servePage(rw http.ResponseWriter, r *http.Request) {
	lang := text.Parse(r.Header.Get("Accept-Language"))
	rw.Header().Set("Vary", "Accept-Language")
	room := ""
	if named := r.PathValue("room"); named != "" {
		clean, refusal := event.CleanRoom(named)
		if refusal != nil {
			refuseRoom(rw, r, lang, refusal)
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
	rw.Header().Set("Vary", "Accept-Language")
	w.answerPage(rw, r, Page{Lang: text.Parse(r.Header.Get("Accept-Language")), Connection: true})
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
func refuseRoom(rw http.ResponseWriter, r *http.Request, lang text.Lang, refusal *event.Error) {
	if errors.Is(refusal, event.Refuse(event.RoomEmpty)) {
		goHome(rw, r)
		return
	}
	http.Error(rw, text.Refusal(lang, refusal.Code), http.StatusNotFound)
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
