package text

import (
	"strings"
	"testing"
	"time"

	"maru/app/wire/event"
)

func TestCatalogueHasEveryKeyInEveryLanguage(t *testing.T) {
	for key := range keys {
		for l := range langs {
			entry := l.entry(key)
			if entry == "" {
				t.Errorf("%v lacks key %d (Korean: %q)", l, key, catalogue[key][Ko])
			}
			if strings.ContainsAny(entry, "!！") {
				t.Errorf("%v: exclamation mark in %q", l, entry)
			}
		}
		for place := range 10 {
			mark := "{" + string(rune('0'+place)) + "}"
			if strings.Contains(catalogue[key][Ko], mark) != strings.Contains(catalogue[key][En], mark) {
				t.Errorf("key %d: only one language has %s: %q, %q", key, mark, catalogue[key][Ko], catalogue[key][En])
			}
		}
	}
}

func TestEveryCodeHasItsOwnText(t *testing.T) {
	for l := range langs {
		seen := map[string]event.Code{}
		for _, code := range event.Codes {
			s := Refusal(l, code)
			if other, twice := seen[s]; s == "" || twice {
				t.Errorf("%v: %s has %q, as has %q", l, code, s, other)
			}
			seen[s] = code
		}
		if got, want := Refusal(l, "unheard_of"), Refusal(l, event.Internal); got != want {
			t.Errorf("%v: unknown code: %q, want %q", l, got, want)
		}
	}
}

func TestAdminSaysExactly(t *testing.T) {
	tests := []struct {
		lang Lang
		kind event.Kind
		want string
	}{
		{Ko, event.KindWelcome, "기획팀 방에 오신 걸 환영합니다."},
		{Ko, event.KindJoin, "소이님이 방에 참여했습니다."},
		{Ko, event.KindLeave, "소이님이 방을 떠났습니다."},
		{Ko, event.KindNotice, "서버에 연결되었습니다."},
		{En, event.KindWelcome, "Welcome to 기획팀."},
		{En, event.KindJoin, "소이 has joined the room."},
		{En, event.KindLeave, "소이 has left the room."},
		{En, event.KindNotice, "Connected to the server."},
		{Ko, event.KindText, ""},
	}
	for _, test := range tests {
		if got := Admin(test.lang, test.kind, "소이", "기획팀"); got != test.want {
			t.Errorf("%v %q: %q, want %q", test.lang, test.kind, got, test.want)
		}
	}
	if got, want := Echo(Ko, "{0} 안녕"), "서버로부터 응답: {0} 안녕"; got != want {
		t.Errorf("echo: %q, want %q", got, want)
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		header string
		want   Lang
	}{
		{"", Ko}, {"ko", Ko}, {"en", En}, {"en-US,en;q=0.9,ko;q=0.8", En},
		{"ko-KR,ko;q=0.9,en-US;q=0.8", Ko}, {"en;q=0.3, ko;q=0.7", Ko}, {"fr, en;q=0.5", En},
		{"fr,de", Ko}, {"KO-kr", Ko}, {"EN", En}, {"en;q=0", Ko}, {"en;q=x,ko", Ko}, {"en;q=2", Ko},
		{"en;q=NaN", Ko}, {";;,,q=1", Ko}, {strings.Repeat("x,", 10000) + "en", Ko},
	}
	for _, test := range tests {
		if got := Parse(test.header); got != test.want {
			t.Errorf("Parse(%.40q) = %v, want %v", test.header, got, test.want)
		}
	}
}

func TestCounts(t *testing.T) {
	tests := []struct {
		lang Lang
		n    int
		want string
	}{
		{Ko, 1, "새 메시지 1개"}, {Ko, 1240, "새 메시지 1,240개"}, {En, 0, "0 new messages"},
		{En, 1, "1 new message"}, {En, 2, "2 new messages"}, {En, 1234567, "1,234,567 new messages"},
	}
	for _, test := range tests {
		if got := test.lang.N(LogNew, test.n); got != test.want {
			t.Errorf("%v %d: %q, want %q", test.lang, test.n, got, test.want)
		}
	}
	if got, want := Ko.N(LogManyCame, 4, "하늘"), "하늘님 외 4명이 들어왔어요"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Number(-1234), "-1,234"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Number(-123), "-123"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFillLeavesWhatIsPutIn(t *testing.T) {
	if got, want := Ko.T(LogSaid, "{1}", "{2}", "안녕"), "{1}님, {2}, 안녕"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Ko.T(AdminCame), "{0}님이 방에 참여했습니다."; got != want {
		t.Errorf("without arguments: %q, want %q", got, want)
	}
}

func TestTimes(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	tests := []struct {
		at     time.Time
		ko, en string
	}{
		{time.Date(2024, 7, 10, 15, 4, 0, 0, seoul), "7월 10일 수요일 오후 3:04", "Wednesday, July 10 3:04 PM"},
		{time.Date(2024, 7, 10, 0, 0, 0, 0, seoul), "7월 10일 수요일 오전 12:00", "Wednesday, July 10 12:00 AM"},
		{time.Date(2024, 7, 10, 12, 30, 0, 0, seoul), "7월 10일 수요일 오후 12:30", "Wednesday, July 10 12:30 PM"},
		{time.Date(2023, 12, 31, 11, 59, 0, 0, seoul), "2023년 12월 31일 일요일 오전 11:59", "Sunday, December 31, 2023 11:59 AM"},
	}
	now := time.Date(2024, 12, 31, 20, 0, 0, 0, time.UTC).Add(-24 * time.Hour)
	for _, test := range tests {
		if got := Ko.Stamp(test.at, now); got != test.ko {
			t.Errorf("%q, want %q", got, test.ko)
		}
		if got := En.Stamp(test.at, now); got != test.en {
			t.Errorf("%q, want %q", got, test.en)
		}
	}
}

func TestAgo(t *testing.T) {
	zone := time.FixedZone("", 9*60*60)
	now := time.Date(2026, 3, 5, 0, 30, 0, 0, zone)
	for _, test := range []struct {
		t      time.Time
		ko, en string
	}{
		{now.Add(time.Hour), "방금", "just now"}, // by another clock
		{now.Add(-59 * time.Second), "방금", "just now"},
		{now.Add(-time.Minute), "1분 전", "1 minute ago"},
		{now.Add(-40 * time.Minute), "40분 전", "40 minutes ago"}, // whatever day it was
		{now.Add(-time.Hour), "어제", "yesterday"},
		{now.Add(-24 * time.Hour), "어제", "yesterday"},
		{now.Add(-25 * time.Hour), "3월 3일", "March 3"},
		{time.Date(2025, 12, 31, 12, 0, 0, 0, zone), "2025. 12. 31.", "December 31, 2025"},
	} {
		for l, want := range map[Lang]string{Ko: test.ko, En: test.en} {
			if got := l.Ago(test.t, now.UTC()); got != want {
				t.Errorf("%v: %q, want %q", test.t, got, want)
			}
		}
	}
	if got := Ko.Ago(now.Add(9*time.Hour), now.Add(15*time.Hour)); got != "오전 9:30" {
		t.Errorf("of the same day: %q", got)
	}
}

func TestTags(t *testing.T) {
	for l := range langs {
		if got, ok := FromTag(l.String()); !ok || got != l {
			t.Errorf("FromTag(%v) = %v, %v", l, got, ok)
		}
	}
	if _, ok := FromTag("kok"); ok {
		t.Error("Konkani was taken for Korean")
	}
}
