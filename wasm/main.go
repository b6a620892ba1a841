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
	"maru/app/probe"
	"maru/app/socketio"
	"maru/app/wire/event"
)

func main() {
	look := probe.New(socketio.Options{URL: endpoint()})
	client := chat.New(chat.Config{
		Manager: look.Manager(),
		Storage: app.LocalStorage(),
		NewID:   rand.Text,
		Now:     time.Now,
		Lang:    app.Language,
		Version: goapp.Getenv("GOAPP_VERSION"),
	})
	go client.Run(context.Background()) // until the tab closes
	app.Start(client, look)
}

// endpoint is the Socket.IO endpoint of the server that the page came from.
func endpoint() string {
	origin := goapp.Window().Get("location").Get("origin").String()
	return "ws" + strings.TrimPrefix(origin, "http") + event.Path
}
