package chat

import (
	"encoding/json"
	"strconv"
	"time"

	"maru/app/wire/sio"
)

// outboxKey is where a tab keeps what is not sent yet in a room, under a name:
// another name is another author, to whom the messages do not belong.
func outboxKey(r *room) string { return "maru.outbox." + strconv.Quote(r.as) + r.name }

// saveLocked keeps a room's outbox over a reload of the tab.
func (c *Client) saveLocked(r *room) {
	r.dirty = false
	if r.outbox.Len() == 0 {
		c.cfg.Tab.Set(outboxKey(r), "")
		return
	}
	kept := []byte{'['}
	for i, d := range r.outbox.Drafts() {
		if i > 0 {
			kept = append(kept, ',')
		}
		kept = sio.AppendArgs(kept, sio.AppendString(nil, d.ID), sio.AppendString(nil, d.Text), sio.AppendInt(nil, d.At.UnixMilli()))
	}
	c.cfg.Tab.Set(outboxKey(r), string(append(kept, ']')))
}

// tidyLocked keeps the outbox anew if a line has changed it.
func (c *Client) tidyLocked(r *room) {
	if r.dirty {
		c.saveLocked(r)
	}
}

// restoreLocked takes up what this tab has not sent yet in a room. Each message
// has its id still, so that one that had arrived after all is known.
func (c *Client) restoreLocked(r *room) {
	if r.outbox.Len() > 0 {
		return
	}
	var kept [][3]json.RawMessage
	if json.Unmarshal([]byte(c.cfg.Tab.Get(outboxKey(r))), &kept) != nil {
		return
	}
	for _, k := range kept {
		var d Draft
		var at int64
		if json.Unmarshal(k[0], &d.ID) != nil || json.Unmarshal(k[1], &d.Text) != nil || json.Unmarshal(k[2], &at) != nil || d.ID == "" {
			continue
		}
		d.At = time.UnixMilli(at)
		r.outbox.Add(d)
		r.timeline.Write(d.ID, r.me, r.as, d.Text, d.At)
	}
}
