package keep

import (
	"context"
	"errors"
	"sync"
	"syscall/js"

	"maru/app/chat"
)

// The database: its name, the version of its schema, and its object stores.
const (
	database = "maru"
	version  = 1
	notes    = "rooms" // a room's name: its note
	lines    = "lines" // [room, seq]: a line
)

// ErrUnavailable tells that the browser keeps nothing: it may be private, full,
// or have data of a newer app.
var ErrUnavailable = errors.New("keep: no database")

// DB is a chat.Keep in IndexedDB. The zero DB is ready; it opens the database
// when it is first needed. It is safe for concurrent use, but must not be used
// in a handler of the page: it waits for the browser.
type DB struct {
	once sync.Once
	done chan struct{} // closed when the rest is there
	db   js.Value
	err  error
}

// open returns the database. One that can't be opened is not tried again; one
// that another tab still holds in an older form may come later.
func (d *DB) open(ctx context.Context) (js.Value, error) {
	d.once.Do(func() {
		d.done = make(chan struct{})
		go func() {
			defer close(d.done)
			d.db, d.err = openDatabase()
		}()
	})
	select {
	case <-d.done:
		return d.db, d.err
	case <-ctx.Done():
		return js.Value{}, ctx.Err()
	}
}

func openDatabase() (db js.Value, err error) {
	defer refused(&err)
	request := js.Global().Get("indexedDB").Call("open", database, version)
	upgrade := js.FuncOf(func(_ js.Value, args []js.Value) any {
		grow(request.Get("result"), args[0].Get("oldVersion").Int())
		return nil
	})
	defer upgrade.Release()
	request.Set("onupgradeneeded", upgrade)
	if err := settled(context.Background(), request, "onsuccess", "onerror"); err != nil {
		return js.Value{}, err
	}
	db = request.Get("result")
	db.Set("onversionchange", js.FuncOf(func(js.Value, []js.Value) any {
		db.Call("close") // a newer app needs it
		return nil
	}))
	return db, nil
}

// grow brings the schema from a version to the present one, step by step.
func grow(db js.Value, from int) {
	if from < 1 {
		db.Call("createObjectStore", notes)
		db.Call("createObjectStore", lines)
	}
}

// refused makes an exception of the browser an error.
func refused(err *error) {
	if thrown := recover(); thrown != nil {
		*err = ErrUnavailable
	}
}

// settled waits for one of an object's events: the first is the good one.
func settled(ctx context.Context, target js.Value, good string, bad ...string) error {
	done := make(chan error, 1)
	handler := func(result error) js.Func {
		return js.FuncOf(func(js.Value, []js.Value) any {
			select {
			case done <- result:
			default:
			}
			return nil
		})
	}
	names := append([]string{good}, bad...)
	for i, name := range names {
		var result error
		if i > 0 {
			result = ErrUnavailable
		}
		f := handler(result)
		target.Set(name, f)
		defer func() {
			target.Set(name, js.Null())
			f.Release()
		}()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// within runs f in a transaction, and waits for it to be durable.
func (d *DB) within(ctx context.Context, mode string, f func(rooms, posts js.Value)) (err error) {
	db, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer refused(&err)
	tx := db.Call("transaction", []any{notes, lines}, mode)
	f(tx.Call("objectStore", notes), tx.Call("objectStore", lines))
	return settled(ctx, tx, "oncomplete", "onerror", "onabort")
}

// Rooms is that of chat.Keep.
func (d *DB) Rooms(ctx context.Context) (map[string]string, error) {
	var keys, values js.Value
	err := d.within(ctx, "readonly", func(rooms, _ js.Value) {
		keys, values = rooms.Call("getAllKeys"), rooms.Call("getAll")
	})
	if err != nil {
		return nil, err
	}
	names, texts := stringsOf(keys), stringsOf(values)
	out := make(map[string]string, len(names))
	for i := range min(len(names), len(texts)) {
		out[names[i]] = texts[i]
	}
	return out, nil
}

// Load is that of chat.Keep.
func (d *DB) Load(ctx context.Context, room string) (note string, kept []string, err error) {
	var one, all js.Value
	err = d.within(ctx, "readonly", func(rooms, posts js.Value) {
		one, all = rooms.Call("get", room), posts.Call("getAll", below(room, js.Global().Get("Infinity")))
	})
	if err != nil {
		return "", nil, err
	}
	if v := one.Get("result"); v.Type() == js.TypeString {
		note = v.String()
	}
	return note, stringsOf(all), nil
}

// Save is that of chat.Keep.
func (d *DB) Save(ctx context.Context, room string, c chat.Change) error {
	return d.within(ctx, "readwrite", func(rooms, posts js.Value) {
		rooms.Call("put", c.Note, room)
		if c.Above > 0 {
			posts.Call("delete", below(room, c.Above))
		}
		for seq, line := range c.Lines {
			posts.Call("put", line, []any{room, seq})
		}
	})
}

// Drop is that of chat.Keep.
func (d *DB) Drop(ctx context.Context, room string) error {
	return d.within(ctx, "readwrite", func(rooms, posts js.Value) {
		rooms.Call("delete", room)
		posts.Call("delete", below(room, js.Global().Get("Infinity")))
	})
}

// Clear is that of chat.Keep.
func (d *DB) Clear(ctx context.Context) error {
	return d.within(ctx, "readwrite", func(rooms, posts js.Value) {
		rooms.Call("clear")
		posts.Call("clear")
	})
}

// below is the range of a room's lines before a seq.
func below(room string, seq any) js.Value {
	return js.Global().Get("IDBKeyRange").Call("bound", []any{room, 0}, []any{room, seq}, false, true)
}

// stringsOf reads what a request found.
func stringsOf(request js.Value) []string {
	result := request.Get("result")
	out := make([]string, 0, result.Length())
	for i := range result.Length() {
		if v := result.Index(i); v.Type() == js.TypeString {
			out = append(out, v.String())
		}
	}
	return out
}
