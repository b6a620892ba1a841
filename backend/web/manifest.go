package web

import (
	"encoding/json"
	"net/http"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// The colours of the paper and of the accent, as in the style sheet.
const (
	paperColour = "#fbf8f2"
	themeColour = "#fbf8f2"
)

// appManifest is the web app manifest (W3C Web Application Manifest). The id must
// never change: it is how an installed app knows itself.
type appManifest struct {
	ID          string    `json:"id"`
	StartURL    string    `json:"start_url"`
	Scope       string    `json:"scope"`
	Name        string    `json:"name"`
	ShortName   string    `json:"short_name"`
	Lang        string    `json:"lang"`
	Dir         string    `json:"dir"`
	Description string    `json:"description"`
	Categories  []string  `json:"categories"`
	Display     string    `json:"display"`
	Override    []string  `json:"display_override"`
	Launch      appLaunch `json:"launch_handler"`
	Share       appShare  `json:"share_target"`
	Protocols   []appLink `json:"protocol_handlers"`
	Shortcuts   []appLink `json:"shortcuts"`
	Screenshots []appView `json:"screenshots,omitempty"`
	Theme       string    `json:"theme_color"`
	Background  string    `json:"background_color"`
	Icons       []appIcon `json:"icons"`
}

type appIcon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// appLaunch says what another start of the app does: it shows the window that is
// open, so that there is never a second connection.
type appLaunch struct {
	Modes []string `json:"client_mode"`
}

// appShare says where another app's text goes: to the page that asks for a room.
type appShare struct {
	Action string            `json:"action"`
	Method string            `json:"method"`
	Params map[string]string `json:"params"`
}

// appLink is one of the places that lead into the app: of its icon, or of links with
// a scheme of its own.
type appLink struct {
	Name     string    `json:"name,omitempty"`
	Protocol string    `json:"protocol,omitempty"`
	URL      string    `json:"url"`
	Icons    []appIcon `json:"icons,omitempty"`
}

// linkScheme is that of web+maru:ROOM, which opens a room in the installed app.
const linkScheme = "web+maru"

// appView is a picture of the app for those who are asked to install it.
type appView struct {
	Source string `json:"src"`
	Sizes  string `json:"sizes"`
	Type   string `json:"type"`
	Form   string `json:"form_factor"`
	Label  string `json:"label"`
}

// serveManifest answers with the manifest in the language of the browser.
func (w *Web) serveManifest(rw http.ResponseWriter, r *http.Request) {
	lang := text.Parse(r.Header.Get("Accept-Language"))
	rw.Header().Set("Vary", "Accept-Language")
	body, err := json.Marshal(appManifest{
		ID: "/", StartURL: "/?src=pwa", Scope: "/",
		Name: lang.T(text.AppName), ShortName: lang.T(text.AppName),
		Lang: lang.String(), Dir: "ltr",
		Description: lang.T(text.AppDescription),
		Categories:  []string{"social", "communication"},
		Display:     "standalone", Override: []string{"window-controls-overlay", "standalone"},
		Theme: themeColour, Background: paperColour,
		Launch:      appLaunch{[]string{"focus-existing", "auto"}},
		Share:       appShare{"/", http.MethodGet, map[string]string{"title": "title", "text": "text", "url": "url"}},
		Protocols:   []appLink{{Protocol: linkScheme, URL: "/?open=%s"}},
		Shortcuts:   w.shortcuts(lang),
		Screenshots: w.screenshots(lang),
		Icons: []appIcon{
			w.icon("icons/icon-192.png", "192x192", "any"),
			w.icon("icons/icon-512.png", "512x512", "any"),
			w.icon("icons/maskable-512.png", "512x512", "maskable"),
			w.icon("icon.svg", "any", "any"),
			w.icon("icon-mono.svg", "any", "monochrome"),
		},
	})
	if err != nil {
		http.Error(rw, text.Refusal(lang, event.Internal), http.StatusInternalServerError)
		return
	}
	revalidate(rw, r, "application/manifest+json", body)
}

func (w *Web) shortcuts(lang text.Lang) []appLink {
	icons := []appIcon{w.icon("icons/icon-192.png", "192x192", "any")}
	return []appLink{
		{Name: lang.T(text.ShortcutUnread), URL: "/?unread", Icons: icons},
		{Name: lang.T(text.ShortcutRecent), URL: "/?recent", Icons: icons},
		{Name: lang.T(text.RoomNew), URL: "/?new", Icons: icons},
	}
}

// screenshots lists the pictures that the release has in a language.
func (w *Web) screenshots(lang text.Lang) (views []appView) {
	for _, v := range []struct{ form, sizes string }{{"wide", "1280x800"}, {"narrow", "390x844"}} {
		name := screenshotFolder + v.form + "-" + lang.String() + ".png"
		if _, ok := w.assets[name]; ok {
			views = append(views, appView{w.address(name), v.sizes, typeOf(name), v.form, lang.T(text.AppDescription)})
		}
	}
	return views
}

func (w *Web) icon(name, sizes, purpose string) appIcon {
	return appIcon{Source: w.address(name), Sizes: sizes, Type: typeOf(name), Purpose: purpose}
}
