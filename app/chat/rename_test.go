package chat

import (
	"fmt"
	"testing"
	"time"

	"maru/app/wire/event"
)

// Of a message that was on its way nobody knows under another name whether it has
// arrived: it stands there as not sent, until it is seen that it has. What was never
// tried, and what was refused, is as it was.
func TestRenameOfWhatIsOnItsWay(t *testing.T) {
	for _, arrives := range []string{"", "line", "page", "ack"} {
		shelf, ids := memoryShelf{}, 0
		c := &Client{cfg: Config{Shelf: shelf, NewID: func() string { ids++; return fmt.Sprint("new", ids) }}}
		r := &room{name: "방", as: "소이", phase: Inside}
		c.rooms = map[string]*room{"방": r}
		for i, id := range []string{"a", "b", "c"} {
			d := Draft{ID: id, Text: "글 " + id, At: time.UnixMilli(int64(i + 1))}
			r.outbox.Add(d)
			r.timeline.Write(d, "u1", "소이")
			c.putLocked(r, id)
		}
		r.outbox.Refuse("b", event.Refuse(event.Gone))
		flying, _ := r.outbox.Next()
		r.outbox.Try(flying.ID)
		c.renameLocked(r, "새 이름")
		r.as = "새 이름"
		said := func() (words string) {
			for _, it := range r.timeline.Items(0, r.timeline.Len()) {
				words += fmt.Sprint(it.ID, " ", it.Text, " ", it.Name, " ", it.State == Failed, ", ")
			}
			return words
		}
		kept := func() (n int) {
			for id, s := range shelf {
				if e, ok := parseEntry(id, s); ok && e.as == "새 이름" {
					n++
				}
			}
			return n
		}
		rest := "b 글 b 새 이름 true, c 글 c 새 이름 false, "
		if want := "new1 글 a 새 이름 true, " + rest; said() != want || kept() != 3 || len(shelf) != 3 {
			t.Fatalf("there is %q, want %q; on the shelf %v", said(), want, shelf)
		}
		if next, ok := r.outbox.Next(); !ok || next.ID != "c" {
			t.Fatalf("%+v is sent next, want c", next)
		}
		switch arrives {
		case "":
			continue
		case "line":
			r.take(held{post: event.Post{Kind: event.KindText, Room: "방", ID: flying.ID, Seq: 1, User: "u1", Text: flying.Text}})
			c.tidyLocked(r)
		case "page":
			c.mu.Lock()
			r.arrivedWith([]event.Post{{Kind: event.KindText, ID: "other"}, {Kind: event.KindText, ID: flying.ID, Seq: 1}})
			c.tidyLocked(r)
			c.mu.Unlock()
		case "ack":
			c.answeredLocked(r, flying, event.Sent{ID: flying.ID, Seq: 1}, nil, false)
		}
		if d, there := r.outbox.Find("new1"); there || kept() != 2 {
			t.Errorf("after its %s there is still %+v; on the shelf %v", arrives, d, shelf)
		}
	}
}
