package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// shelfPrefix begins the keys of messages and changes that are not sent yet; their
// id follows. Each has a key of its own: two tabs never write over each other's.
const shelfPrefix = "maru.unsent."

// shelf is the part of localStorage with what is not sent yet. A write there is done
// before it returns, so that it outlives the tab whatever happens next, and the browser
// tells the other tabs of it.
type shelf struct{ browserStorage }

// Shelf returns what all tabs of this browser share, for a chat client.
func Shelf() interface {
	Entries() map[string]string
	Set(id, value string)
} {
	return shelf{newBrowserStorage("localStorage")}
}

func (s shelf) Entries() map[string]string {
	entries := map[string]string{}
	for _, key := range s.keys() {
		if id, ok := strings.CutPrefix(key, shelfPrefix); ok {
			if value := s.Get(key); value != "" {
				entries[id] = value
			}
		}
	}
	return entries
}

func (s shelf) Set(id, value string) { s.browserStorage.Set(shelfPrefix+id, value) }

// keys lists what is there, in the browser or, where it refuses, in memory.
func (s browserStorage) keys() []string {
	var keys []string
	for key := range s.memory {
		keys = append(keys, key)
	}
	defer func() { _ = recover() }() // a browser that refuses has none
	names := app.Window().Get("Object").Call("keys", storageObject(s.name))
	for i := range names.Length() {
		keys = append(keys, names.Index(i).String())
	}
	return keys
}
