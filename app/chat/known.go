package chat

import "maru/app/wire/event"

// touch notes that the line at seq is to be kept anew.
func (t *Timeline) touch(seq int64) {
	if t.keeps && seq > 0 {
		t.touched = append(t.touched, seq)
	}
}

// touchAll notes lines, and the one below them: what stands above that has
// changed.
func (t *Timeline) touchAll(from, to int) {
	for i := from; t.keeps && i < min(to+1, len(t.lines)); i++ {
		t.touch(t.lines[i].Seq)
	}
}

// Restore takes up lines that were kept, in order, of a log that is known up to
// head; between tail and head nothing is missing. What is missing between the
// lines becomes a gap. A timeline that knows something already stays as it is.
// own tells which posts are one's own.
func (t *Timeline) Restore(lines []known, tail, head int64, own func(event.Post) bool) {
	if t.head > 0 || head <= 0 {
		return
	}
	next := int64(1)
	for _, k := range lines {
		if k.post.Seq < next || k.post.Seq > head {
			continue
		}
		if t.live == 0 {
			t.live = k.from - 1
		}
		if k.from > next {
			t.lines = append(t.lines, newGap(next, k.from-1))
		}
		it := newItem(k.post)
		it.Own = own(k.post)
		t.lines = append(t.lines, t.confirmed(it))
		next = k.post.Seq + 1
	}
	if next <= head && (next == 1 || tail != next-1) {
		t.lines = append(t.lines, newGap(next, head))
	}
	t.head = head
	t.rev++
}

// keepable returns what is to be kept of the newest limit lines from floor on:
// those that changed since it was asked last, the seq of the oldest of all, and
// that of the newest, 0 if something is missing after it.
func (t *Timeline) keepable(room string, floor int64, limit int) (lines map[int64]string, above, tail int64) {
	touched := t.touched
	t.touched = nil
	above, tail = floor, -1
	for i := len(t.lines) - 1; i >= 0 && limit > 0 && t.lines[i].place >= floor; i-- {
		line := t.lines[i]
		if tail < 0 && (line.Kind == Gap || line.Seq > 0) {
			tail = line.Seq
		}
		if line.Seq > 0 {
			if limit--; limit == 0 {
				above = line.Seq
			}
		}
	}
	lines = make(map[int64]string, len(touched))
	for _, seq := range touched {
		if i := t.lineAt(seq); i >= 0 && seq >= above {
			lines[seq] = known{t.knownFrom(i), t.lines[i].post(room)}.append()
		}
	}
	return lines, above, max(tail, 0)
}

// lineAt finds the line of the log at seq; -1 if it isn't shown.
func (t *Timeline) lineAt(seq int64) int {
	for i := t.search(seq); i < len(t.lines) && t.lines[i].place == seq; i++ {
		if t.lines[i].Seq == seq {
			return i
		}
	}
	return -1
}

// knownFrom returns from where on everything up to line i is known.
func (t *Timeline) knownFrom(i int) int64 {
	for i--; i >= 0; i-- {
		switch {
		case t.lines[i].Kind == Gap:
			return t.lines[i].To + 1
		case t.lines[i].Seq > 0:
			return t.lines[i].Seq + 1
		}
	}
	return 1
}

// post is what the server said of a line of the log.
func (it Item) post(room string) event.Post {
	p := event.Post{Username: it.Name, Text: it.Text, CreatedAt: it.At.UnixMilli(), ID: it.ID, Room: room, Seq: it.Seq, User: it.User,
		ReplyTo: it.ReplyTo, Deleted: it.Deleted, Reactions: it.Reactions.All()}
	if !it.EditedAt.IsZero() {
		p.EditedAt = it.EditedAt.UnixMilli()
	}
	switch it.Kind {
	case Came:
		p.Username, p.Kind, p.Name = event.Admin, event.KindJoin, it.Name
	case Went:
		p.Username, p.Kind, p.Name = event.Admin, event.KindLeave, it.Name
	}
	return p
}

// At finds the line that stands at seq, or else the first one after it; key is
// "" if there is none. missing tells that what stands at seq is not loaded: key
// is that of the gap.
func (t *Timeline) At(seq int64) (key string, missing bool) {
	for i := t.search(seq); i < len(t.lines); i++ {
		if line := t.lines[i]; line.Seq > 0 || line.Kind == Gap {
			return line.Key, line.Kind == Gap && line.From <= seq
		}
	}
	return "", false
}
