package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/chat"
	"maru/backend/socketio"
	"maru/backend/store"
)

// only sends all requests to one instance.
func (c *cluster) only(n int) {
	synctest.Wait()
	c.fixed.Store(int64(n + 1))
}

// feeds counts what the instances follow.
func (c *cluster) feeds() (n int) {
	for _, s := range c.servers {
		s.hub.mu.Lock()
		n += len(s.hub.feeds)
		s.hub.mu.Unlock()
	}
	return n
}

// sockets are those that are in a room here, each once.
func (h *hub) sockets() []*socketio.Socket {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*socketio.Socket
	for _, f := range h.feeds {
		for _, m := range f.members {
			if !slices.Contains(all, m.socket) {
				all = append(all, m.socket)
			}
		}
	}
	return all
}

// Who has left attaches to nothing, and starts nothing that nobody would end.
func TestWhoHasLeftStartsNoFeed(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		h := c.servers[0].hub
		f, m := h.add(nil, chat.Seat{Room: "방", Conn: "c"}, nil)
		h.remove(f, m, false)
		if err := f.attach(h.ctx, m, store.Pos{}, store.Pos{}); err != nil || f.follows() {
			t.Errorf("it follows: %v, %v", f.follows(), err)
		}
	})
}

// Sessions that end on another instance leave nothing behind there.
func TestEndOnAnotherInstance(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		for i := range 10 {
			c.only(0)
			p := c.polled()
			p.join(fmt.Sprintf("손님%d", i))
			c.only(1)
			p.bye()
		}
		time.Sleep(2 * keepWarm)
		synctest.Wait()
		if n := c.feeds(); n > 0 {
			t.Errorf("%d feeds are left", n)
		}
	})
}

// Who was refused another name has left, also for the next instance.
func TestRefusedRenameLeaves(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		c.only(0)
		b, a := c.polled(), c.polled()
		b.join("bob")
		a.join("anna")
		a.Write(`427["join",{"username":"bob","room":"방"}]`)
		a.until(`437[{"code":"name_taken"`)
		b.until("anna has left")
		c.only(1)
		a.Write(`428["history",{"room":"방"}]`)
		a.until(`438[{"code":"not_joined"`)
		b.Write(`429["message",{"room":"방","text":"끝"}]`)
		b.until("439[null")
		time.Sleep(time.Minute)
		synctest.Wait()
		for {
			select {
			case frame := <-a.frames:
				t.Errorf("anna hears %s", frame)
				continue
			case frame := <-b.frames:
				if strings.Contains(frame, "anna") {
					t.Errorf("bob hears %s", frame)
				}
				continue
			default:
			}
			break
		}
		a.bye()
		b.bye()
	})
}

// A namespace that was left, room by room or at once, leaves no places behind.
func TestPlacesEndWithTheStay(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		c.only(0)
		p := c.polled()
		for i := range 3 {
			p.Write("40")
			p.until(`40{"sid"`)
			for j := range 3 {
				p.Write(fmt.Sprintf(`421["join",{"username":"u","room":"방 %d %d"}]`, i, j))
				p.until("431[null")
			}
			var places []string
			for _, s := range c.servers[0].hub.sockets() {
				for j := range 3 {
					places = append(places, s.Place(fmt.Sprintf("방 %d %d", i, j)))
				}
				p.Write("41")
				synctest.Wait()
				for j := range 3 {
					if room := fmt.Sprintf("방 %d %d", i, j); s.Place(room) != "" || s.Place(peopleKey(room)) != "" {
						t.Errorf("%s still has a place", room)
					}
				}
			}
			if len(places) != 3 || places[0] == "" {
				t.Fatalf("there were the places %q", places)
			}
		}
		p.bye()
	})
}

// A session that its instance has closed goes on nowhere.
func TestClosedSessionIsClosedEverywhere(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		c.only(0)
		p := c.listener.Poll(t)
		p.Write("40")
		p.Get()
		p.Post("4garbage") // which no client sends
		c.only(1)
		p.WantGone()
	})
}

// A place of another log is no place: whoever has it comes anew.
func TestPlaceOfAnotherLog(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		h := c.servers[0].hub
		f, m := h.add(nil, chat.Seat{Room: "방", Conn: "c"}, nil)
		err := f.attach(h.ctx, m, store.Pos{Epoch: "OLD", Seq: 500, ID: "x"}, store.Pos{Epoch: "NEW", Seq: 1, ID: "y"})
		if err == nil {
			t.Error("it is taken for one ahead")
		}
		h.remove(f, m, false)
	})
}
