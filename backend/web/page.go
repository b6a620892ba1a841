package web

import (
	_ "embed"
	"html/template"
	"io"
	"strconv"

	"maru/app/wire/text"
)

// Page is the first page that a browser gets: the frame of the app, typable
// before the app runs, which then takes over what was typed.
type Page struct {
	Lang       text.Lang
	Room       string                   // empty: the page for entering a room
	Refusal    string                   // why an address leads to no room; empty: it does
	Connection bool                     // the page about the connection instead
	Version    string                   // of the app
	Assets     func(name string) string // the address of a public file
	Wasm       string                   // the address of the app's program
	WasmSize   int64                    // its length in bytes, as it is after decoding
}

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// view is what the template shows. It takes texts by key, so that none stands
// in the template.
type view struct {
	Page
	Say map[string]string
}

// Render writes the page. All that comes from outside is escaped for the place
// where it stands.
func (p Page) Render(w io.Writer) error {
	return pageTemplate.Execute(w, view{p, p.say()})
}

// Size returns WasmSize for an attribute; a number of JavaScript would be
// written with a blank.
func (p Page) Size() string { return strconv.FormatInt(p.WasmSize, 10) }

// Asset returns the address of a public file.
func (p Page) Asset(name string) string {
	if p.Assets == nil {
		return "/public/" + name
	}
	return p.Assets(name)
}

// Boot returns the texts of the loader, by language and name: what it says
// can't come from the program, which is what is missing then.
func (p Page) Boot() map[string]map[string]string {
	words := map[string]map[string]string{}
	for _, l := range []text.Lang{text.Ko, text.En} {
		words[l.String()] = map[string]string{
			"failed": l.T(text.LoadFailed), "unsupported": l.T(text.LoadUnsupported), "status": l.T(text.LoadStatus),
			"offline": l.T(text.LoadOffline), "stopped": l.T(text.LoadStopped), "again": l.T(text.LoadAgain),
		}
	}
	return words
}

func (p Page) say() map[string]string {
	l := p.Lang
	say := map[string]string{
		"title":     l.T(text.AppName),
		"messageTo": l.T(text.Message),
		"logLabel":  l.T(text.LogLabel, p.Room),
	}
	if p.Connection {
		say["title"] = l.T(text.TitleRoom, l.T(text.Connection))
	}
	if p.Room != "" {
		say["title"] = l.T(text.TitleRoom, p.Room)
		say["messageTo"] = l.T(text.MessageTo, p.Room)
	}
	for name, key := range pageKeys {
		say[name] = l.T(key)
	}
	return say
}

// pageKeys names the texts that the template uses as they are.
var pageKeys = map[string]text.Key{
	"app": text.AppName, "appSub": text.AppSub, "description": text.AppDescription,
	"noScript": text.NoScript, "loading": text.Loading,
	"intro": text.JoinIntro, "noSignUp": text.JoinNoSignUp,
	"name": text.JoinName, "room": text.JoinRoom, "roomHint": text.JoinRoomHint, "enter": text.JoinEnter,
	"rooms": text.Rooms, "roomList": text.RoomList, "people": text.People,
	"connecting": text.LinkConnecting, "connection": text.Connection, "message": text.Message, "send": text.Send,
	"keyEnter": text.HintEnter, "keyShift": text.HintNewline, "hintSend": text.HintSend, "hintBreak": text.HintBreak,
}
