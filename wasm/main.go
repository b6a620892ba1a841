//go:build js && wasm

// Command wasm is the program in the tab: it joins the chat client to the page.
package main

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app"
	"maru/app/chat"
	"maru/app/engineio"
	"maru/app/keep"
	"maru/app/probe"
	"maru/app/socketio"
	"maru/app/wire/event"
)

func main() {
	storage := app.LocalStorage()
	look := probe.New(socketio.Options{URL: endpoint(), Engine: engineio.Options{Memory: note{storage}}})
	client := chat.New(chat.Config{
		Manager:   look.Manager(),
		Storage:   storage,
		NewID:     rand.Text,
		Now:       time.Now,
		Lang:      app.Language,
		Version:   goapp.Getenv("GOAPP_VERSION"),
		Keep:      &keep.DB{},
		Shelf:     app.Shelf(),
		Lock:      keep.Locks{},
		Normalize: keep.Normalize,
	})
	go client.Run(context.Background()) // until the tab closes
	app.Start(client, look)
}

// note remembers which transport worked on this network.
type note struct{ storage chat.Storage }

const noteKey = "maru.network"

func (n note) Get() string     { return n.storage.Get(noteKey) }
func (n note) Set(note string) { n.storage.Set(noteKey, note) }

// endpoint is the Socket.IO endpoint of the server that the page came from.
func endpoint() string {
	origin := goapp.Window().Get("location").Get("origin").String()
	return "ws" + strings.TrimPrefix(origin, "http") + event.Path
}
