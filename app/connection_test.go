package app

import (
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/engineio"
	"maru/app/probe"
	"maru/app/socketio"
	"maru/app/wire/text"
)

const testUnit = time.Millisecond

// lookedAt is a state with the connection page in view, and what it looks at.
func lookedAt() (*state, *fakeChat, *fakeProbe) {
	c := newFakeChat()
	c.link = chat.Link{State: chat.Online, Since: noon.Add(-time.Hour), RTT: 11 * testUnit, Transport: "websocket",
		Reconnects: 2, Server: "f9acab8b6eba967d", Store: "SQLite"}
	s, _ := newTestState(c)
	p := s.probe.(*fakeProbe)
	p.samples, p.outages = []probe.Sample{sampled(20, 10), sampled(10, 30)}, []probe.Outage{out(200, 187)}
	p.trials = []probe.Trial{
		{Way: probe.WebSocket, State: probe.Fails, Reason: socketio.ReasonUnreachable},
		{Way: probe.LongPolling, State: probe.Works, RTT: 19 * testUnit, Delay: 21 * testUnit, PerMinute: 4.8},
		{Way: probe.ShortPolling, State: probe.Works, RTT: 18 * testUnit, Delay: 1018 * testUnit, Computed: true, PerMinute: 30},
	}
	return s, c, p
}

func TestConnectionPage(t *testing.T) {
	s, _, _ := lookedAt()
	s.open(connectionPath)
	page := strings.ReplaceAll(html(t, s), "\u00a0", " ")
	has(t, page, `<h1 `, `id="connection"`, `tabindex="-1"`, "오전 11:00부터 · 다시 연결 2번 · 놓친 메시지 3개", "maru f9acab8b6eba967d · 저장소 SQLite",
		`aria-label="왕복 시간, 지난 5분: 최소 10 ms · 중앙값 20 ms · 최대 30 ms · 끊김 1번, 모두 13초"`, `class="out"`, `role="rowheader"`,
		"안 됨", "서버에 닿지 못했어요.", "21 ms", "1,018 ms (계산)", "4.8 (계산)", `id="again"`, `id="report"`, `id="back"`)
	if strings.Contains(page, "style=") {
		t.Error("the page has a style of its own")
	}
	if got, want := s.title(s.badge()), "연결 상태 · 마루"; got != want {
		t.Errorf("title %s, want %s", got, want)
	}
}

func TestConnectionPageKnowsNothingYet(t *testing.T) {
	s, c, p := lookedAt()
	c.link, p.samples, p.outages = chat.Link{State: chat.Connecting}, nil, nil
	p.trials = []probe.Trial{{State: probe.Trying}, {Way: probe.LongPolling}}
	s.open(connectionPath)
	page := html(t, s)
	has(t, page, `class="tag w"`, text.Ko.T(text.LinkConnecting), text.Ko.T(text.PlotNone), `aria-busy`, `aria-disabled`, text.Ko.T(text.WayTrying))
	if n := strings.Count(page, dash); n < 9 {
		t.Errorf("%d dashes", n)
	}
	if strings.Contains(page, ">0.0 ms<") || strings.Contains(page, ">0 ms<") || strings.Contains(page, "NaN") {
		t.Error("a figure that nobody measured")
	}
}

func TestTransportName(t *testing.T) {
	for want, link := range map[string]chat.Link{
		"WebSocket": {State: chat.Online, Transport: "websocket"}, "HTTP 롱 폴링": {State: chat.Online, Transport: "polling"},
		"연결이 끊겼어요": {State: chat.Waiting}, "연결하고 있어요": {State: chat.Connecting},
	} {
		if got := transportName(text.Ko, link); got != want {
			t.Errorf("%+v: %s, want %s", link, got, want)
		}
	}
}

func TestWhy(t *testing.T) {
	for want, trial := range map[string]probe.Trial{
		"서버가 HTTP 502 응답을 보냈어요.": {Reason: probe.ReasonStatus, Status: 502},
		"마루 서버의 답이 아니에요.":        {Reason: probe.ReasonAnswer},
		"제때 답이 없었어요.":            {Reason: engineio.ReasonTimeout},
		"서버가 받아주지 않았어요.":         {Reason: engineio.ReasonForbidden},
		"서버에 닿지 못했어요.":           {Reason: socketio.ReasonUnreachable},
		"확인하는 동안 끊겼어요.":          {Reason: engineio.ReasonTransport},
	} {
		if got := why(text.Ko, trial); got != want {
			t.Errorf("%+v: %s, want %s", trial, got, want)
		}
	}
}

func TestReport(t *testing.T) {
	s, c, p := lookedAt()
	c.inside("비밀방")
	s.open(pathOf("비밀방"))
	got := report(text.En, diagnosis{at: noon, browser: "Browser/1", languages: "en-GB,ko", link: c.link, missing: 1,
		samples: p.samples, outages: p.outages, trials: append(p.trials, probe.Trial{State: probe.Trying})})
	want := `Connection · Maru
Time: ` + noon.UTC().Format("2006-01-02 15:04:05") + ` UTC
Browser: Browser/1
Language: en (en-GB,ko)
Server: maru f9acab8b6eba967d · store SQLite
Transport: WebSocket
Round trip: 11 ms
Session: since 11:00 AM · 2 reconnects · 1 missed message
Last 5 minutes: min 10 ms · median 20 ms · max 30 ms · 1 outage, 13 s in all
WebSocket: no · The server can't be reached.
HTTP long polling: yes · Round trip 19 ms · Said until heard 21 ms · Requests a minute when quiet 4.8 (computed)
HTTP polling (2 s): yes · Round trip 18 ms · Said until heard 1,018 ms (computed) · Requests a minute when quiet 30 (computed)
WebSocket: —
`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestWayBack(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(s *state, c *fakeChat)
		want   string
	}{
		"from nowhere":         {func(*state, *fakeChat) {}, ""},
		"opened by itself":     {func(_ *state, c *fakeChat) { c.inside("a"); c.inside("b") }, "b"},
		"from a room":          {func(s *state, c *fakeChat) { c.inside("a"); c.inside("b"); s.room = "a" }, "a"},
		"from a card":          {func(s *state, _ *fakeChat) { s.room = "a" }, "a"},
		"while waiting for it": {func(s *state, _ *fakeChat) { s.ask("소이", "c") }, "c"},
	} {
		s, c, _ := lookedAt()
		tt.before(s, c)
		s.open(connectionPath)
		s.open(connectionPath) // once more changes nothing
		if got := s.backRoom(); got != tt.want || s.inRoom() || s.asked != "" {
			t.Errorf("%s: back to %q, want %q", name, got, tt.want)
		}
		s.open(pathOf(tt.want))
		if s.aside != nil || s.room != tt.want {
			t.Errorf("%s: shows %q", name, s.room)
		}
	}
}

// A line that comes while the connection page is in view is not read.
func TestUnreadWhileAside(t *testing.T) {
	s, c, _ := lookedAt()
	r := c.inside("방", said("a", 0))
	s.room = "방"
	s.refresh()
	s.open(connectionPath)
	r.add(said("a", 1))
	s.refresh()
	if s.badge().sum != 1 {
		t.Errorf("%d unread, want 1", s.badge().sum)
	}
}
