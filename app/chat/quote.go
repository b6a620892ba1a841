package chat

import (
	"encoding/json"
	"slices"
	"strings"

	"maru/app/wire/event"
)

// Quote is what a reply shows of the message that it answers, as that is now.
// Two that are equal look the same.
type Quote struct {
	Seq     int64 // of the message
	Known   bool  // if not, there is nothing but Seq: it is being asked for, or can't be
	ID      string
	Name    string
	Text    string // one line of it, cut to maxExcerpt
	Own     bool
	Deleted bool // or not kept any more; then Name may be gone
}

const (
	maxExcerpt = 120 // characters of a quote's text
	maxQuotes  = 300 // messages that are no lines here and are known for their replies, more than a page shows
	maxWanted  = 32  // that are asked for
)

// excerpt is the first line of a text that says something.
func excerpt(text string) string {
	first := ""
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "```") {
			first = line
			break
		}
	}
	n := 0
	for i := range first {
		if n++; n > maxExcerpt {
			return first[:i] + "…"
		}
	}
	return first
}

// Quote returns the message at a seq of a room for its replies. What is not a
// line here is asked for, by itself.
func (c *Client) Quote(name string, seq int64) Quote {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := Quote{Seq: seq}
	r := c.rooms[name]
	if r == nil {
		return q
	}
	it, ok := r.timeline.Quote(seq)
	if !ok {
		c.wantLocked(r, seq)
		return q
	}
	return Quote{Seq: seq, Known: true, ID: it.ID, Name: it.Name, Text: excerpt(it.Text), Own: it.Own, Deleted: it.Deleted}
}

// wantLocked has a message asked for. Of too many the oldest wishes go: who
// still looks at those wishes again.
func (c *Client) wantLocked(r *room, seq int64) {
	if r.phase != Inside || seq <= 0 || slices.Contains(r.wanted, seq) {
		return
	}
	if r.wanted = append(r.wanted, seq); len(r.wanted) > maxWanted {
		r.wanted = slices.Delete(r.wanted, 1, 2) // the first is under way
	}
	if len(r.wanted) == 1 {
		c.quoteLocked(r)
	}
}

// quoteLocked asks for the messages that are wanted, one at a time.
func (c *Client) quoteLocked(r *room) {
	if r.phase != Inside || len(r.wanted) == 0 {
		return
	}
	seq, generation := r.wanted[0], r.generation
	request := event.HistoryRequest{Room: r.name, Before: seq + 1, Limit: 1}
	c.call(event.History, request.Append(nil), func(result json.RawMessage, err error) {
		if r.generation != generation {
			return
		}
		page, parseErr := event.ParsePage(result)
		if err == nil {
			err = parseErr
		}
		if _, retry := refusal(err); err != nil && retry > 0 {
			c.again(retry, func() {
				if r.generation == generation {
					c.quoteLocked(r)
				}
			})
			return
		}
		if err != nil || r.timeline.Quoted(page, seq, r.mine) {
			r.wanted = r.wanted[1:]
		}
		c.quoteLocked(r)
	})
}

// Quote returns the message at seq, if it is a line here or was asked for.
func (t *Timeline) Quote(seq int64) (Item, bool) {
	if i := t.postAt(seq); i >= 0 {
		return t.lines[i], true
	}
	it, ok := t.quotes[seq]
	return it, ok
}

// Quoted takes the message at seq from a page of history that ends with it. One
// that isn't there is not kept any more. It says whether the page was of use, as
// Page does.
func (t *Timeline) Quoted(page event.Page, seq int64, own func(event.Post) bool) bool {
	if page.Head < t.dropped {
		return false
	}
	it := Item{Kind: Post, Seq: seq, Deleted: true}
	for _, p := range page.Posts {
		if p.Seq == seq {
			it = newItem(p)
			it.Own = own(p)
		}
	}
	it.asOf = page.Head
	for _, c := range t.later[seq] {
		it.change(c)
	}
	if t.quotes == nil {
		t.quotes = map[int64]Item{}
	}
	if _, there := t.quotes[seq]; !there {
		if t.quoted = append(t.quoted, seq); len(t.quoted) > maxQuotes {
			delete(t.quotes, t.quoted[0])
			t.quoted = t.quoted[1:]
		}
	}
	t.quotes[seq] = it.quoted()
	t.rev++
	if it.Own {
		t.fills++ // what answers one's own message counts for more
	}
	return true
}

// quoted is what is kept of a message for its replies.
func (it Item) quoted() Item {
	it.Text, it.Reactions = excerpt(it.Text), Reactions{}
	return it
}

// changeQuote brings a message up to date that is known for its replies alone.
func (t *Timeline) changeQuote(c event.Change) {
	if it, ok := t.quotes[c.Target]; ok && it.change(c) {
		t.quotes[c.Target] = it.quoted()
		t.rev++
	}
}
