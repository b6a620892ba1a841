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
		Display:     "standalone", Theme: themeColour, Background: paperColour,
		Icons: []appIcon{
			w.icon("icons/icon-192.png", "192x192", "any"),
			w.icon("icons/icon-512.png", "512x512", "any"),
			w.icon("icons/maskable-512.png", "512x512", "maskable"),
			w.icon("icon.svg", "any", "any"),
		},
	})
	if err != nil {
		http.Error(rw, text.Refusal(lang, event.Internal), http.StatusInternalServerError)
		return
	}
	revalidate(rw, r, "application/manifest+json", body)
}

func (w *Web) icon(name, sizes, purpose string) appIcon {
	return appIcon{Source: w.address(name), Sizes: sizes, Type: typeOf(name), Purpose: purpose}
}
