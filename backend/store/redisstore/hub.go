package redisstore

import "sync"

// hub has the subscriptions of this instance. One server needs one connection
// for all rooms; in a Redis Cluster a channel lives where the keys of its
// partition do, so there each partition with followers has its own.
type hub struct {
	s     *Store
	mu    sync.Mutex
	links map[int]*link
}

// join is the feed of a room for one more follower, until leave is called.
func (h *hub) join(room string) (fd *feed, leave func()) {
	l := h.link(room)
	channel := h.s.keys.of(room, "f")
	l.mu.Lock()
	defer l.mu.Unlock()
	fd = l.feeds[channel]
	if fd == nil {
		fd = newFeed(room, channel, h.s.opt.tune.trust)
		l.feeds[channel] = fd
		l.wantLocked(channel, true)
	}
	fd.followers++
	return fd, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if fd.followers--; fd.followers == 0 {
			delete(l.feeds, channel)
			l.wantLocked(channel, false)
		}
	}
}

// link is the link for a room; it starts with the first one.
func (h *hub) link(room string) *link {
	part := 0
	if h.s.cluster {
		part = partition(room)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.links[part]
	if l == nil {
		l = newLink(h.s, part)
		h.links[part] = l
		// The caller runs, so Close waits for both.
		h.s.running.Go(l.run)
	}
	return l
}
