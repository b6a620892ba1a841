package app

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// html draws the page of a state.
func html(t *testing.T, s *state) string {
	t.Helper()
	engine := app.NewTestEngine()
	r := &root{State: s}
	if err := engine.Load(r); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return app.HTMLString(r)
}

func has(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestJoinPage(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.keep.visited("개발", "소이")
	page := html(t, s)
	has(t, page, `id="maru"`, `data-link="online"`, `id="join"`, `id="name"`, `id="room"`, `id="enter"`, "입장하기", "개발", `aria-pressed`)
	if strings.Contains(page, `role="alert"`) {
		t.Error("an error without a reason")
	}
	s.refusal = event.Refuse(event.NameTaken)
	has(t, html(t, s), `role="alert"`, `id="name-error"`, `aria-describedby="name-error"`, `aria-invalid`, text.Refusal(text.Ko, event.NameTaken))
	s.refusal, s.lang = event.Refuse(event.TooManyRooms), text.En
	has(t, html(t, s), `id="join-error"`, text.Refusal(text.En, event.TooManyRooms))
}

func TestRoomPage(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	evil, pending, failed := said("<b>민준</b>", 1), said("소이", 2), said("소이", 3)
	evil.Text = "<script>alert(1)</script> javascript:alert(1) https://a.kr"
	pending.Own, pending.State = true, chat.Pending
	failed.Own, failed.State, failed.ID, failed.Why = true, chat.Failed, "id-7", event.Refuse(event.Conflict)
	r := c.inside("기획팀", chat.Item{Kind: chat.Gap, Key: "g1"}, said("a", 0), came("하늘", 0), evil, chat.Item{Kind: chat.Gap, Key: "g2", From: 5, To: 9, Posts: 5}, failed, pending)
	r.More = true
	s.room = "기획팀"
	c.link = chat.Link{State: chat.Waiting, Update: true}
	page := html(t, s)
	has(t, page, `data-link="waiting"`, `class="log"`, `role="log"`, `aria-live="off"`, `id="composer"`, `autocomplete="off"`, `id="send"`, `id="leave"`, `id="invite"`, `id="toast"`,
		`people-count`, `class="member"`, `room-list`, `msg pending`, `msg failed`, `class="notice"`, `class="day"`, `data-key="k3"`, `class="older"`,
		"메시지 5개를 아직", `data-do="fill"`, `data-do="retry"`, `data-id="id-7"`, "연결되면 보낼게요", text.Refusal(text.Ko, event.Conflict),
		`href="https://a.kr"`, `rel="noopener noreferrer nofollow ugc"`, "&lt;script&gt;", "&lt;b&gt;민준", "aria-current")
	for _, bad := range []string{"<script>", "<b>민준", `href="javascript`, "style="} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

func TestALongRoomHasFewRows(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방")
	for i := range 5000 {
		r.add(said("a", i/100))
	}
	s.room = "방"
	if rows := strings.Count(html(t, s), "<article"); rows == 0 || rows > 200 {
		t.Errorf("%d rows", rows)
	}
}

func TestRowsThatStayAreTheSame(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", said("a", 0), said("a", 1), came("b", 1))
	m := &messages{State: s, Room: "방"}
	m.choose(r.Room)
	before := m.rows
	r.add(said("b", 2))
	m.choose(r.Room)
	for i, row := range before {
		if m.rows[i] != row {
			t.Errorf("row %d was made anew", i)
		}
	}
	r.items[1].State = chat.Failed
	m.choose(r.Room)
	if m.rows[2] == before[2] || m.rows[1] != before[1] {
		t.Error("not the changed row alone was made anew")
	}
}

func TestEmptyRoomInvitesToSpeak(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	c.inside("방", chat.Item{Kind: chat.Welcome, Key: "w0"})
	s.room = "방"
	has(t, html(t, s), `class="empty"`, "첫 인사를 남겨보세요.")
	c.rooms["방"].Phase, c.rooms["방"].items, c.rooms["방"].Len = chat.Joining, nil, 0
	has(t, html(t, s), `class="bones"`)
}

func TestFoldedNotices(t *testing.T) {
	l := &line{Lang: text.Ko}
	tests := []struct {
		came, went int
		want       string
	}{{5, 0, "하늘님 외 4명이 들어왔어요"}, {0, 5, "하늘님 외 4명이 나갔어요"}, {2, 3, "2명이 들어오고 3명이 나갔어요"}, {1, 0, "하늘님이 방에 참여했습니다."}, {0, 1, "하늘님이 방을 떠났습니다."}}
	for _, test := range tests {
		if got := l.folded(&row{item: came("하늘", 0), came: test.came, went: test.went}); got != test.want {
			t.Errorf("%d, %d: %q, want %q", test.came, test.went, got, test.want)
		}
	}
}

var faceRule = regexp.MustCompile(`\.face-(\d) \{ background: #([0-9a-f]{6}); \}`)

func TestFacesCanBeRead(t *testing.T) {
	css, err := os.ReadFile("../public/app.css")
	if err != nil {
		t.Fatal(err)
	}
	rules := faceRule.FindAllStringSubmatch(string(css), -1)
	if len(rules) != faces {
		t.Fatalf("%d colours, want %d", len(rules), faces)
	}
	for _, rule := range rules {
		rgb, err := strconv.ParseUint(rule[2], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		// WCAG 2.2, contrast ratio to white.
		light := 0.2126*linear(rgb>>16&255) + 0.7152*linear(rgb>>8&255) + 0.0722*linear(rgb&255)
		if ratio := 1.05 / (light + 0.05); ratio < 4.5 {
			t.Errorf("face %s: %.2f to 1", rule[1], ratio)
		}
	}
}

func linear(channel uint64) float64 {
	c := float64(channel) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func TestMutedRoomShowsIt(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	c.inside("기획팀")
	c.inside("개발")
	s.room = "기획팀"
	if page := html(t, s); strings.Contains(page, "i-mute") || !strings.Contains(page, `id="level"`) {
		t.Error("a room that is not muted")
	}
	rev := s.roomsRev
	s.setLevel("개발", levelNone)
	if page := html(t, s); strings.Count(page, "i-mute") != 1 || !strings.Contains(page, text.Ko.T(text.RoomMuted)) || s.roomsRev == rev {
		t.Error("the list does not show which room is muted")
	}
	s.setLevel("기획팀", levelNone)
	if page := html(t, s); strings.Count(page, "i-mute") != 3 {
		t.Error("the room in view is muted, and the choice does not show it")
	}
}
