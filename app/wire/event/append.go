package event

import "maru/app/wire/sio"

// object appends the members of a JSON object, in the order they are given.
type object struct {
	buf  []byte
	more bool
}

func (w *object) key(name string) {
	if w.more {
		w.buf = append(w.buf, ',')
	}
	w.more = true
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...) // our own names need no escaping
	w.buf = append(w.buf, '"', ':')
}

func (w *object) str(name, s string) {
	w.key(name)
	w.buf = sio.AppendString(w.buf, s)
}

func (w *object) num(name string, n int64) {
	w.key(name)
	w.buf = sio.AppendInt(w.buf, n)
}

func (w *object) yes(name string) {
	w.key(name)
	w.buf = append(w.buf, "true"...)
}

func (w *object) strs(name string, all []string) {
	w.key(name)
	w.buf = append(w.buf, '[')
	for i, s := range all {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = sio.AppendString(w.buf, s)
	}
	w.buf = append(w.buf, ']')
}

// list appends items under name, each by its own append.
func list[T any](w *object, name string, items []T, appendOne func(T, []byte) []byte) {
	w.key(name)
	w.buf = append(w.buf, '[')
	for i, item := range items {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendOne(item, w.buf)
	}
	w.buf = append(w.buf, ']')
}

func (w *object) posts(name string, posts []Post) { list(w, name, posts, Post.Append) }
