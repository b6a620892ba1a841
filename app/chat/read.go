package chat

// Read notes that the person has read a room up to a seq. It never goes back.
func (c *Client) Read(name string, seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil && seq > r.read {
		r.read = seq
	}
}
