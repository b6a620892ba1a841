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
