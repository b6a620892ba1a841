package chat

import (
	"encoding/json"

	"maru/app/wire/event"
)

// Older loads what stands above the oldest line. It does nothing while a page
// is under way, or when there is nothing older.
func (c *Client) Older(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		if to, ok := r.timeline.Oldest(); ok {
			c.pageLocked(r, to)
		}
	}
}

// Fill loads into the gap with that key, from its newer end.
func (c *Client) Fill(name, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		if _, to, ok := r.timeline.Gap(key); ok {
			c.pageLocked(r, to)
		}
	}
}

// repairLocked loads what was missed, without being asked, unless it is too
// much: then the gap stays, to be seen.
func (c *Client) repairLocked(r *room) {
	if from, to, ok := r.timeline.Newest(); ok && to-from < event.MaxMissed {
		c.pageLocked(r, to)
	}
}

const pageSize = 50

// pageLocked asks for the posts up to seq to, one page at a time.
func (c *Client) pageLocked(r *room, to int64) {
	if r.loading || r.phase != Inside {
		return
	}
	r.loading = true
	generation := r.generation
	request := event.HistoryRequest{Room: r.name, Before: to + 1, Limit: pageSize}
	c.call(event.History, request.Append(nil), func(result json.RawMessage, err error) {
		if r.generation != generation {
			return
		}
		r.loading = false
		page, parseErr := event.ParsePage(result)
		if err == nil {
			err = parseErr
		}
		if err == nil {
			r.opened = true
			if !r.timeline.Page(page, to+1, r.mine) {
				c.pageLocked(r, to)
			}
			c.repairLocked(r)
			return
		}
		if _, retry := refusal(err); retry > 0 {
			c.again(retry, func() {
				if r.generation == generation {
					c.pageLocked(r, to)
				}
			})
		}
	})
}
