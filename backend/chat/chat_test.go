package chat

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/store"
	"maru/backend/store/sqlitestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 7, 10, 15, 4, 0, 0, time.UTC)

// house is rooms on a store of their own, with devices by name.
type house struct {
	*Rooms
	t     *testing.T
	store store.Store
	conns int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	st, err := sqlitestore.Open(filepath.Join(t.TempDir(), "maru.db"), sqlitestore.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &house{Rooms: New(st, 30*time.Second), t: t, store: st}
}

func (h *house) join(device, name, room, after string) (Entry, error) {
	h.conns++
	c := Conn{ID: fmt.Sprint("conn", h.conns), Device: Device(device)}
	return h.Join(context.Background(), c, event.JoinRequest{Username: name, Room: room, After: after}, now)
}

func (h *house) mustJoin(device, name, room, after string) Entry {
	h.t.Helper()
	e, err := h.join(device, name, room, after)
	if err != nil {
		h.t.Fatalf("%s joins %s: %v", name, room, err)
	}
	return e
}

func (h *house) say(s Seat, id, text string) event.Sent {
	h.t.Helper()
	sent, err := h.Post(context.Background(), s, event.SendRequest{ID: id, Text: text})
	if err != nil {
		h.t.Fatalf("%s says %q: %v", s.Name, text, err)
	}
	return sent
}

func refusedWith(t *testing.T, err error, code event.Code) *event.Error {
	t.Helper()
	var refusal *event.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Fatalf("error is %v, want the refusal %s", err, code)
	}
	return refusal
}

func TestJoinGivesPlaceAndPeople(t *testing.T) {
	h := newHouse(t)
	soi := h.mustJoin("d1", "소이", "기획팀", "")
	if soi.Answer.Seq != 1 || soi.Answer.Cursor != soi.From.String() || !soi.Fresh || soi.Answer.User == "" {
		t.Errorf("the first one gets %+v", soi)
	}
	h.mustJoin("d2", "민준", "기획팀", "")
	h.mustJoin("d1", "소이", "기획팀", "") // a second window
	h.mustJoin("d1", "소이", "개발", "")
	people, err := h.People(context.Background(), "기획팀")
	if err != nil || people.Count != 2 || len(people.Users) != 2 || people.Users[0].Username != "민준" || people.Users[1].ID != soi.Answer.User {
		t.Errorf("people are %+v, %v", people, err)
	}
}

func TestNamesAreHeldByOnePerson(t *testing.T) {
	h := newHouse(t)
	jules := h.mustJoin("d1", "Jules", "방", "")
	for _, name := range []string{"Jules", "jules", "JULES", "Ｊｕｌｅｓ", "𝐉ules", "Jul\u200des"} {
		_, err := h.join("d2", name, "방", "")
		refusal := refusedWith(t, err, event.NameTaken)
		if refusal.RetryAfter != 30*time.Second {
			t.Errorf("%q may be tried again after %v", name, refusal.RetryAfter)
		}
	}
	h.mustJoin("d2", "Jules", "다른 방", "")
	if err := h.Leave(context.Background(), jules.Seat); err != nil {
		t.Fatal(err)
	}
	h.mustJoin("d2", "jules", "방", "")
}

func TestNobodyIsAdmin(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"Admin", "admin", "ADMIN", "A d m i n", "Ａｄｍｉｎ", "Ad\u200dmin", "ⒶⒹⓂⒾⓃ"} {
		_, err := h.join("d1", name, "방", "")
		refusedWith(t, err, event.NameReserved)
	}
}

func TestOneOfTwentyGetsTheName(t *testing.T) {
	h := newHouse(t)
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			c := Conn{ID: fmt.Sprint("c", i), Device: Device(fmt.Sprint("d", i))}
			if _, err := h.Join(context.Background(), c, event.JoinRequest{Username: "소이", Room: "방"}, now); err == nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d people have the name", won.Load())
	}
}

func TestPostTwiceIsOnce(t *testing.T) {
	h := newHouse(t)
	s := h.mustJoin("d1", "소이", "방", "").Seat
	first := h.say(s, "m1", "안녕하세요")
	again := h.say(s, "m1", "안녕하세요")
	if first != again || first.Seq != 2 || first.CreatedAt != now.UnixMilli() {
		t.Errorf("first %+v, again %+v", first, again)
	}
	_, err := h.Post(context.Background(), s, event.SendRequest{ID: "m1", Text: "다른 말"})
	refusedWith(t, err, event.Conflict)
	other := h.mustJoin("d2", "민준", "방", "").Seat
	if sent := h.say(other, "m1", "다른 사람"); sent.Seq != 4 {
		t.Errorf("another person's id is another message: %+v", sent)
	}
}

// What a message answers is told wherever it is told, and is a message that was
// there when it was said.
func TestReply(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	soi, minjun := h.mustJoin("d1", "소이", "방", ""), h.mustJoin("d2", "민준", "방", "").Seat
	first := h.say(soi.Seat, "m1", "회의는 언제예요?")
	q := event.SendRequest{ID: "r1", Text: "회의는 세 시예요", ReplyTo: first.Seq}
	sent, err := h.Post(ctx, minjun, q)
	if err != nil || sent.Seq != first.Seq+1 {
		t.Fatalf("%+v, %v", sent, err)
	}
	for name, to := range map[string]int64{"somebody's coming": 1, "itself": sent.Seq + 1, "nothing": 999} {
		_, err := h.Post(ctx, minjun, event.SendRequest{ID: name, Text: "네", ReplyTo: to})
		refusedWith(t, err, event.Gone)
	}
	_, err = h.Post(ctx, minjun, event.SendRequest{ID: "r1", Text: q.Text})
	refusedWith(t, err, event.Conflict)
	told := func(when string, want int64) {
		t.Helper()
		page, err := h.History(ctx, event.HistoryRequest{Room: "방", Before: sent.Seq + 1, Limit: 1})
		if err != nil || len(page.Posts) != 1 || page.Posts[0].ReplyTo != want {
			t.Errorf("%s: history has %+v, %v", when, page.Posts, err)
		}
		lines, err := h.Lines(ctx, "방", soi.From, 9, text.Ko)
		if err != nil || len(lines) < 3 || lines[2].Post.ReplyTo != want {
			t.Errorf("%s: heard %+v, %v", when, lines, err)
		}
	}
	told("new", first.Seq)
	found, err := h.Search(ctx, []string{"방"}, event.SearchRequest{Room: "방", Text: "세 시", Limit: 5})
	if err != nil || len(found.Posts) != 1 || found.Posts[0].ReplyTo != first.Seq {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := h.Delete(ctx, soi.Seat, event.DeleteRequest{Room: "방", ID: "d1", Seq: first.Seq}); err != nil {
		t.Fatal(err)
	}
	told("after the other one was deleted", first.Seq)
	if again, err := h.Post(ctx, minjun, q); err != nil || again != sent {
		t.Errorf("said again: %+v, %v", again, err)
	}
	_, err = h.Post(ctx, minjun, event.SendRequest{ID: "r2", Text: "네", ReplyTo: first.Seq})
	refusedWith(t, err, event.Gone)
	if _, err := h.Delete(ctx, minjun, event.DeleteRequest{Room: "방", ID: "d2", Seq: sent.Seq}); err != nil {
		t.Fatal(err)
	}
	told("after it was deleted", 0)
}

func TestHistoryGoesUpwards(t *testing.T) {
	h := newHouse(t)
	s := h.mustJoin("d1", "소이", "방", "").Seat
	for i := range 5 {
		h.say(s, fmt.Sprint("m", i), fmt.Sprint("글 ", i))
	}
	page, err := h.History(context.Background(), event.HistoryRequest{Room: "방", Limit: 3})
	if err != nil || page.Done || len(page.Posts) != 3 || page.Posts[0].Text != "글 4" || page.Posts[0].Username != "소이" || page.Posts[0].User != s.User {
		t.Fatalf("newest page is %+v, %v", page, err)
	}
	page, err = h.History(context.Background(), event.HistoryRequest{Room: "방", Before: page.Posts[2].Seq, Limit: 3})
	if err != nil || !page.Done || len(page.Posts) != 2 || page.Posts[1].Text != "글 0" {
		t.Fatalf("oldest page is %+v, %v", page, err)
	}
}

func TestResume(t *testing.T) {
	h := newHouse(t)
	soi := h.mustJoin("d1", "소이", "방", "")
	for i := range 3 {
		h.say(soi.Seat, fmt.Sprint("m", i), "글")
	}
	back := h.mustJoin("d1", "소이", "방", soi.Answer.Cursor)
	if back.Fresh || back.Answer.Seq != soi.Answer.Seq || back.From != soi.From || back.Answer.Skipped || back.Answer.Reset {
		t.Errorf("back after three messages: %+v", back)
	}
	for _, broken := range []string{"zzz", "otherepoch.1.YQ", "%%%"} {
		e := h.mustJoin("d1", "소이", "방", broken)
		if !e.Answer.Reset || e.Answer.Seq != 4 {
			t.Errorf("back with %q: %+v", broken, e.Answer)
		}
	}
	for i := range event.MaxMissed {
		h.say(soi.Seat, fmt.Sprint("n", i), "글")
	}
	h.mustJoin("d2", "민준", "방", "") // is no message
	far := h.mustJoin("d1", "소이", "방", soi.Answer.Cursor)
	if !far.Answer.Skipped || far.Answer.Seq != int64(5+event.MaxMissed) || far.Answer.Missed != 3+event.MaxMissed {
		t.Errorf("back after too many: %+v", far.Answer)
	}
}

func TestFollowSpeaksOfComingAndGoing(t *testing.T) {
	h := newHouse(t)
	soi := h.mustJoin("d1", "소이", "기획팀", "")
	minjun := h.mustJoin("d2", "민준", "기획팀", "")
	h.say(minjun.Seat, "m1", "안녕")
	if err := h.Leave(context.Background(), minjun.Seat); err != nil {
		t.Fatal(err)
	}
	var got []string
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for l, err := range h.Follow(ctx, "기획팀", soi.From, text.Ko) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(l.Post.Seq, l.People, " ", l.Post.Username, ": ", l.Post.Text))
		if len(got) == 3 {
			break
		}
	}
	want := []string{"2 true Admin: 민준님이 방에 참여했습니다.", "3 false 민준: 안녕", "4 true Admin: 민준님이 방을 떠났습니다."}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	lines, err := h.Lines(ctx, "기획팀", soi.From, 2, text.En)
	if err != nil || len(lines) != 2 || lines[1].Pos.Seq != 3 || lines[0].Post.Name != "민준" || lines[0].Post.Kind != event.KindJoin {
		t.Errorf("lines are %+v, %v", lines, err)
	}
}

func TestTokens(t *testing.T) {
	old, young := []byte("an old secret that is long"), []byte("a young secret that is long")
	token, device := NewSigner(old).Issue()
	if d, ok := NewSigner(young, old).Check(token); !ok || d != device {
		t.Error("a token of the old secret is not taken while both are valid")
	}
	if _, ok := NewSigner(young).Check(token); ok {
		t.Error("a token of a secret that is gone is taken")
	}
	for _, forged := range []string{"", "m1", "m1..", "m1." + string(device) + ".", "m2" + token[2:], token + "x", "m1.other" + token[len("m1.")+len(device):]} {
		if _, ok := NewSigner(old).Check(forged); ok {
			t.Errorf("forged token %q is taken", forged)
		}
	}
	if other := Device("other"); device.Person("소이") == device.Person("민준") || device.Person("소이") == other.Person("소이") || device.Person("Jules") != device.Person("JULES") {
		t.Error("a person is a device under a name")
	}
}
