package app

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// A listbox is led through by the keys of the field above it.

// listKey tells whether a key is for a field that leads through n choices. One that
// belongs to a composition is the input method's.
func listKey(e app.Value, n int) bool {
	switch e.Get("key").String() {
	case "Escape":
		return !composing(e)
	case "ArrowDown", "ArrowUp", "Enter":
		return n > 0 && !composing(e)
	}
	return false
}

// turned is the choice that an arrow key leads to from one of n, round and round.
func turned(key string, at, n int) int {
	if key == "ArrowUp" {
		return (at + n - 1) % n
	}
	return (at + 1) % n
}

// bring scrolls a choice into view.
func bring(id string) {
	if el := byID(id); el.Truthy() {
		el.Call("scrollIntoView", map[string]any{"block": "nearest"})
	}
}
