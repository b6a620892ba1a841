package chat

import (
	"encoding/json"

	"maru/app/wire/event"
)

// Search looks for posts on the server, in one room or with an empty one in all
// that the person is in. done is called once, on another goroutine; why is set
// if there is no answer. before is the Next of the answer to go on from.
func (c *Client) Search(room, text, before string, done func(found event.Found, why *event.Error)) {
	refused := event.CheckSearch(text, before)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx == nil || c.ctx.Err() != nil || !c.online {
		refused = event.Refuse(event.Unavailable)
	}
	if refused != nil {
		go done(event.Found{}, refused)
		return
	}
	request := event.SearchRequest{Room: room, Text: text, Before: before, Limit: event.MaxFound}
	c.call(event.Search, request.Append(nil), func(result json.RawMessage, err error) {
		found, parseErr := event.ParseFound(result)
		if err == nil {
			err = parseErr
		}
		why, _ := refusal(err)
		if err != nil && why == nil {
			why = event.Refuse(event.Unavailable)
		}
		go done(found, why)
	})
}
