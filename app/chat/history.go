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

// FillUp loads into the gap with that key, from its older end.
func (c *Client) FillUp(name, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		if from, to, ok := r.timeline.Gap(key); ok {
			c.pageLocked(r, min(from+pageSize-1, to))
		}
	}
}

// At finds the line of a room that stands at seq, or else the first one after
// it; key is "" if there is none. missing tells that what stands at seq is not
// loaded, and has it loaded, with what is around it: then key is that of the gap.
func (c *Client) At(name string, seq int64) (key string, missing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[name]
	if r == nil {
		return "", false
	}
	key, missing = r.timeline.At(seq)
	if missing {
		_, to, _ := r.timeline.Gap(key)
		c.pageLocked(r, min(seq+pageSize/2, to))
	}
	return key, missing
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
			r.arrivedWith(page.Posts)
			c.tidyLocked(r)
			c.keepLocked(r)
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
