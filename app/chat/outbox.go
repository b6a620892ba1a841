package chat

import (
	"slices"
	"strings"
	"time"

	"maru/app/wire/event"
)

// Draft is a message on its way. ID stays the same however often it is sent,
// so that the server takes it once.
type Draft struct {
	ID      string
	Text    string
	ReplyTo int64        // the seq of the message that it answers; 0: none
	At      time.Time    // when it was written
	Tried   bool         // it may be that the server has it
	Was     string       // the id of what the server may have under another name of the author's; "": nothing
	Why     *event.Error // why it was refused; nil: it is waiting or under way
}

// Outbox keeps what was written in one room until the server has it: in the
// order it was written, one under way at a time, so that the order holds
// whatever gets lost. The zero Outbox is empty. It is not safe for concurrent
// use.
type Outbox struct {
	drafts []Draft
	flying string // the ID under way
}

// Drafts are all drafts, in the order they were written.
func (o *Outbox) Drafts() []Draft { return slices.Clone(o.drafts) }

// Len is the number of drafts, refused ones included.
func (o *Outbox) Len() int { return len(o.drafts) }

// Failed returns how many messages were refused.
func (o *Outbox) Failed() (n int) {
	for _, d := range o.drafts {
		if d.Why != nil {
			n++
		}
	}
	return n
}

// Add puts a draft where its time says: most often at the end.
func (o *Outbox) Add(d Draft) {
	i, _ := slices.BinarySearchFunc(o.drafts, d, Draft.compare)
	o.drafts = slices.Insert(o.drafts, i, d)
}

// Find returns the draft with that ID, if it is there.
func (o *Outbox) Find(id string) (Draft, bool) {
	for _, d := range o.drafts {
		if d.ID == id {
			return d, true
		}
	}
	return Draft{}, false
}

// compare orders drafts by when they were written; the ID decides between two
// tabs that wrote at once.
func (d Draft) compare(other Draft) int {
	if n := d.At.Compare(other.At); n != 0 {
		return n
	}
	return strings.Compare(d.ID, other.ID)
}

// Idle tells whether there is nothing to send, and nothing under way.
func (o *Outbox) Idle() bool {
	return o.flying == "" && !slices.ContainsFunc(o.drafts, func(d Draft) bool { return d.Why == nil })
}

// Next returns the draft to send now and marks it as under way; none if one is
// under way already.
func (o *Outbox) Next() (Draft, bool) {
	if o.flying != "" {
		return Draft{}, false
	}
	for _, d := range o.drafts {
		if d.Why == nil {
			o.flying = d.ID
			return d, true
		}
	}
	return Draft{}, false
}

// Done forgets a draft: the server has it, or nobody wants it any more.
func (o *Outbox) Done(id string) {
	o.land(id)
	o.drafts = slices.DeleteFunc(o.drafts, func(d Draft) bool { return d.ID == id })
}

// Again puts the draft under way back to its place: whether the server has it
// is not known.
func (o *Outbox) Again(id string) { o.land(id) }

// Refuse keeps a draft aside that the server does not want, with its reason; a
// nil why lets it be sent again.
func (o *Outbox) Refuse(id string, why *event.Error) {
	o.land(id)
	for i := range o.drafts {
		if o.drafts[i].ID == id {
			o.drafts[i].Why = why
		}
	}
}

// Try notes that the server may have a draft from now on. It tells whether that is new.
func (o *Outbox) Try(id string) bool {
	for i := range o.drafts {
		if d := &o.drafts[i]; d.ID == id && !d.Tried {
			d.Tried = true
			return true
		}
	}
	return false
}

// Detach has a draft answer nothing any more.
func (o *Outbox) Detach(id string) {
	for i := range o.drafts {
		if o.drafts[i].ID == id {
			o.drafts[i].ReplyTo = 0
		}
	}
}

func (o *Outbox) land(id string) {
	if o.flying == id {
		o.flying = ""
	}
}
