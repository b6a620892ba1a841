// Package chattest has what a chat client keeps on a device, in memory, for
// tests: several clients on one Device are the tabs of one browser.
package chattest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"maru/app/chat"
)

// ErrBroken is what a broken Device answers.
var ErrBroken = errors.New("chattest: the device keeps nothing")

// Device is a chat.Keep, and has a chat.Shelf and a chat.Lock. It is safe for
// concurrent use.
type Device struct {
	mu     sync.Mutex
	broken bool
	rooms  map[string]*room
	shelf  map[string]string
	tabs   []func() // tell the tabs that the shelf has changed
	locks  map[string]chan struct{}
	free   chan struct{} // closed once nobody else has every right
	store  map[string]string
	saves  int
}

type room struct {
	note  string
	lines map[int64]string
}

// New makes an empty device.
func New() *Device {
	return &Device{rooms: map[string]*room{}, shelf: map[string]string{}, locks: map[string]chan struct{}{}, store: map[string]string{}}
}

// Break makes keeping fail, or work again.
func (d *Device) Break(broken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = broken
}

// Lose takes away what is kept of a line, as a fault would.
func (d *Device) Lose(name string, seq int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.rooms[name].lines, seq)
}

// Lines returns the seq of what is kept of a room, in order.
func (d *Device) Lines(name string) []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rooms[name] == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(d.rooms[name].lines))
}

// Saves counts how often something was saved.
func (d *Device) Saves() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.saves
}

// Get and Set make the device a chat.Storage.
func (d *Device) Get(key string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.store[key]
}

// Set keeps a small thing.
func (d *Device) Set(key, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.store[key] = value
}

// Rooms is that of chat.Keep.
func (d *Device) Rooms(context.Context) (map[string]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	notes := map[string]string{}
	for name, r := range d.rooms {
		notes[name] = r.note
	}
	return notes, d.errLocked()
}

// Load is that of chat.Keep.
func (d *Device) Load(_ context.Context, name string) (note string, lines []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.rooms[name]
	if r == nil || d.broken {
		return "", nil, d.errLocked()
	}
	for _, seq := range slices.Sorted(maps.Keys(r.lines)) {
		lines = append(lines, r.lines[seq])
	}
	return r.note, lines, nil
}

// Save is that of chat.Keep.
func (d *Device) Save(_ context.Context, name string, c chat.Change) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return ErrBroken
	}
	r := d.rooms[name]
	if r == nil {
		r = &room{lines: map[int64]string{}}
		d.rooms[name] = r
	}
	d.saves++
	r.note = c.Note
	maps.DeleteFunc(r.lines, func(seq int64, _ string) bool { return seq < c.Above })
	maps.Copy(r.lines, c.Lines)
	return nil
}

// Drop is that of chat.Keep.
func (d *Device) Drop(_ context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.rooms, name)
	return d.errLocked()
}

// Clear is that of chat.Keep.
func (d *Device) Clear(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.rooms)
	return d.errLocked()
}

func (d *Device) errLocked() error {
	if d.broken {
		return ErrBroken
	}
	return nil
}

// Tab is one client's side of the shelf: the other ones are told what it does.
type Tab struct {
	device *Device
	index  int
}

// Tab opens a tab; changed is called, on a goroutine of its own, when another
// one changes the shelf.
func (d *Device) Tab(changed func()) *Tab {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tabs = append(d.tabs, changed)
	return &Tab{d, len(d.tabs) - 1}
}

// Entries is that of chat.Shelf.
func (t *Tab) Entries() map[string]string {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	return maps.Clone(t.device.shelf)
}

// Set is that of chat.Shelf.
func (t *Tab) Set(id, value string) {
	d := t.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if value == "" {
		delete(d.shelf, id)
	} else {
		d.shelf[id] = value
	}
	for i, changed := range d.tabs {
		if i != t.index {
			go changed()
		}
	}
}

// Occupy gives every right that nobody has yet to a tab that does nothing with it,
// until it is released.
func (d *Device) Occupy() (release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	free := make(chan struct{})
	d.free = free
	return func() { close(free) }
}

// Acquire is that of chat.Lock.
func (d *Device) Acquire(ctx context.Context, name string) (release func(), err error) {
	d.mu.Lock()
	all := d.free
	d.mu.Unlock()
	if all != nil {
		select {
		case <-all:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	d.mu.Lock()
	free := d.locks[name]
	if free == nil {
		free = make(chan struct{}, 1)
		free <- struct{}{}
		d.locks[name] = free
	}
	d.mu.Unlock()
	select {
	case <-free:
		return func() { free <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
