package event

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNames(t *testing.T) {
	for _, c := range []struct{ in, want, code string }{
		{in: "소이", want: "소이"},
		{in: "  Jules   Verne ", want: "Jules Verne"},
		{in: "👩‍💻 하늘", want: "👩‍💻 하늘"},
		{in: strings.Repeat("가", MaxName), want: strings.Repeat("가", MaxName)},
		{in: strings.Repeat("가", MaxName+1), code: "name_too_long"},
		{in: "", code: "name_empty"},
		{in: " \t\n\u3000", code: "name_empty"},
		{in: "a\x00b", code: "name_invalid"},
		{in: "소\u202e이", code: "name_invalid"},
		{in: "소\u200b이", code: "name_invalid"},
		{in: "\u3164", code: "name_invalid"},
		{in: "\u2800", code: "name_invalid"},
		{in: "\u200d", code: "name_invalid"},
		{in: "\ufe0f", code: "name_invalid"},
		{in: "a\U000e0041", code: "name_invalid"},
		{in: "\ue000", code: "name_invalid"},
		{in: "Z" + strings.Repeat("\u0301", maxMarks), want: "Z" + strings.Repeat("\u0301", maxMarks)},
		{in: "Z" + strings.Repeat("\u0301", maxMarks+1), code: "name_invalid"},
		{in: "a\xffb", code: "name_invalid"},
		{in: "<b>&\"'", want: "<b>&\"'"},
	} {
		got, refusal := CleanName(c.in)
		if code := codeOf(refusal); got != c.want || code != c.code {
			t.Errorf("CleanName(%q) = %q, %q; want %q, %q", c.in, got, code, c.want, c.code)
		}
	}
}

func codeOf(e *Error) string {
	if e == nil {
		return ""
	}
	return string(e.Code)
}

func TestRequests(t *testing.T) {
	join := func(s string) (any, *Error) { r, e := ParseJoin(json.RawMessage(s)); return r, e }
	send := func(s string) (any, *Error) { r, e := ParseSend(json.RawMessage(s)); return r, e }
	hist := func(s string) (any, *Error) { r, e := ParseHistory(json.RawMessage(s)); return r, e }
	edit := func(s string) (any, *Error) { r, e := ParseEdit(json.RawMessage(s)); return r, e }
	del := func(s string) (any, *Error) { r, e := ParseDelete(json.RawMessage(s)); return r, e }
	react := func(s string) (any, *Error) { r, e := ParseReact(json.RawMessage(s)); return r, e }
	search := func(s string) (any, *Error) { r, e := ParseSearch(json.RawMessage(s)); return r, e }
	for _, c := range []struct {
		parse    func(string) (any, *Error)
		in, code string
		want     any
	}{
		{join, `{"username":"소이","room":"기획팀"}`, "", JoinRequest{Username: "소이", Room: "기획팀"}},
		{join, `{"username":" 소이 ","room":" 기획팀","after":"x.1.y","passcode":"?","more":[{}]}`, "", JoinRequest{"소이", "기획팀", "x.1.y"}},
		{join, `{"Username":"소이","room":"기획팀"}`, "name_empty", nil},
		{join, `{"u\u017fername":"소이","room":"기획팀"}`, "name_empty", nil},
		{join, `{"username":"소이","username":"민준","room":"a"}`, "bad_request", nil},
		{join, `{"username":{"$gt":""},"room":"a"}`, "bad_request", nil},
		{join, `{"username":"소이"}`, "room_empty", nil},
		{join, `{"username":"소이","room":"` + strings.Repeat("가", MaxRoom+1) + `"}`, "room_too_long", nil},
		{join, `{"username":"소이","room":"a","after":"` + strings.Repeat("x", MaxCursor+1) + `"}`, "bad_request", nil},
		{join, `{"username":"소이","room":".."}`, "room_invalid", nil},
		{join, `{"username":"소이","room":"..."}`, "", JoinRequest{Username: "소이", Room: "..."}},
		{join, ``, "bad_request", nil},
		{join, `null`, "bad_request", nil},
		{join, `[]`, "bad_request", nil},
		{join, `{"username":`, "bad_request", nil},
		{send, `"안녕하세요"`, "", SendRequest{Text: "안녕하세요"}},
		{send, `{"room":"기획팀","id":"1","text":" 안녕\n"}`, "", SendRequest{"기획팀", "1", " 안녕\n", 0}},
		{send, `{"room":"기획팀","text":"네","replyTo":7}`, "", SendRequest{Room: "기획팀", Text: "네", ReplyTo: 7}},
		{send, `{"text":"네","replyTo":9007199254740992}`, "", SendRequest{Text: "네", ReplyTo: 1 << 53}},
		{send, `{"text":"네","replyTo":null}`, "", SendRequest{Text: "네"}},
		{send, `{"text":"네","replyto":7,"ReplyTo":8}`, "", SendRequest{Text: "네"}},
		{send, `{"text":"네","replyTo":7,"replyTo":8}`, "bad_request", nil},
		{send, `{"text":"네","replyTo":-1}`, "bad_request", nil},
		{send, `{"text":"네","replyTo":1.5}`, "bad_request", nil},
		{send, `{"text":"네","replyTo":9007199254740993}`, "bad_request", nil},
		{send, `{"text":"네","replyTo":"7"}`, "bad_request", nil},
		{send, `{"text":"네","replyTo":[7]}`, "bad_request", nil},
		{send, `""`, "text_empty", nil},
		{send, `" \u3164\u200b\n"`, "text_empty", nil},
		{send, `{"text":"` + strings.Repeat("가", MaxText+1) + `"}`, "text_too_long", nil},
		{send, `{"text":"a","id":"` + strings.Repeat("x", MaxID+1) + `"}`, "bad_request", nil},
		{send, `{"text":7}`, "bad_request", nil},
		{send, `7`, "bad_request", nil},
		{edit, `{"room":" 방 ","seq":3,"text":"고침"}`, "", EditRequest{"방", "", 3, "고침"}},
		{edit, `{"room":"방","seq":0,"text":"고침"}`, "bad_request", nil},
		{edit, `{"room":"방","seq":3,"text":" "}`, "text_empty", nil},
		{edit, `{"seq":3,"text":"고침"}`, "room_empty", nil},
		{del, `{"room":"방","seq":3,"id":"` + strings.Repeat("x", MaxID+1) + `"}`, "bad_request", nil},
		{del, `{"room":"방","seq":"3"}`, "bad_request", nil},
		{react, `{"room":"방","seq":3,"emoji":"👍🏽"}`, "", ReactRequest{Room: "방", Seq: 3, Emoji: "👍🏽"}},
		{react, `{"room":"방","seq":3,"emoji":"좋아요"}`, "emoji_invalid", nil},
		{search, `{"text":"회의"}`, "", SearchRequest{Text: "회의", Limit: defaultFound}},
		{search, `{"room":"방","text":"회의","limit":1000}`, "", SearchRequest{Room: "방", Text: "회의", Limit: MaxFound}},
		{search, `{"text":" "}`, "bad_request", nil},
		{search, `{"text":"` + strings.Repeat("x", MaxSearch+1) + `"}`, "bad_request", nil},
		{hist, `{"room":"a"}`, "", HistoryRequest{Room: "a", Limit: defaultPage}},
		{hist, `{"room":"a","before":9,"limit":100000}`, "", HistoryRequest{"a", 9, MaxPage}},
		{hist, `{"room":"a","before":-1}`, "bad_request", nil},
		{hist, `{"room":"a","limit":1.5}`, "bad_request", nil},
		{hist, `{"room":"a","limit":1e99}`, "bad_request", nil},
	} {
		got, refusal := c.parse(c.in)
		if code := codeOf(refusal); code != c.code {
			t.Errorf("%.60s: refused with %q, want %q", c.in, code, c.code)
		} else if c.code == "" && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%.60s: %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestEmoji(t *testing.T) {
	for _, ok := range []string{"👍", "👍🏽", "❤️", "❤", "👩‍💻", "👨‍👩‍👧‍👦", "🇰🇷", "1️⃣", "#⃣", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "‼️", "➕", "↔️", "©️", "🏳️‍🌈"} {
		if refusal := CheckEmoji(ok); refusal != nil {
			t.Errorf("%q is refused with %s", ok, refusal.Code)
		}
	}
	for _, bad := range []string{"", "a", "1", "#", "좋아요", "ㅋㅋ", "👍👍", "👍 ", " 👍", "👍a", "🇰🇷🇺🇸", "🇰", "👍\u200d", "\u200d", "\ufe0f", "🏽", "\u202e👍", "👍\u202e", "<b>", "\xff", "12️⃣", "👍" + strings.Repeat("\u200d👍", 9), "$", "\u200d👍"} {
		if refusal := CheckEmoji(bad); codeOf(refusal) != "emoji_invalid" {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What one end appends, the other reads as it was.
func TestRoundTrips(t *testing.T) {
	hard := "\"\\\u2028</script>\x00\n가"
	post := Post{"소이", hard, 1720000000000, "id\"", "방", 7, "u1", KindJoin, "민준", 6, 1720000000001, true, []Reaction{{"👍", []string{"u1", hard}}, {"🎉", nil}}}
	checks := []struct{ want, got any }{}
	check := func(want, got any, err error) {
		if err != nil {
			t.Errorf("%T: %v", want, err)
		}
		checks = append(checks, struct{ want, got any }{want, got})
	}
	gotPost, err := ParsePost(post.Append(nil))
	check(post, gotPost, err)
	people := People{"방", []User{{"a", "소이", "방"}, {"b", hard, "방"}}, 300}
	gotPeople, err := ParsePeople(people.Append(nil))
	check(people, gotPeople, err)
	joined := Joined{"방", "u1", "소이", 9, "e.9.x", true, 0, true, 8}
	gotJoined, err := ParseJoined(joined.Append(nil))
	check(joined, gotJoined, err)
	sent := Sent{"id", "방", 3, 4}
	gotSent, err := ParseSent(sent.Append(nil))
	check(sent, gotSent, err)
	edit := Change{KindEdit, "방", 9, 7, "c1", "u1", 1720000000002, hard, ""}
	react := Change{KindUnreact, "방", 10, 7, "c2", "u1", 1720000000003, "", "👍"}
	page := Page{"방", []Post{post, {Username: "a", Text: "b", Room: "방", Seq: 1}}, []Change{edit, react}, 1, 12, true}
	gotPage, err := ParsePage(page.Append(nil))
	check(page, gotPage, err)
	found := Found{[]Post{{Username: "a", Text: hard, Room: "방", Seq: 1}}, "next"}
	gotFound, err := ParseFound(found.Append(nil))
	check(found, gotFound, err)
	writing := Writing{"방", "u1", "소이", true}
	gotWriting, err := ParseWriting(writing.Append(nil))
	check(writing, gotWriting, err)
	mark := Mark{"방", 7}
	gotMark, refusal := ParseMark(mark.Append(nil))
	check(mark, gotMark, errorOf(refusal))
	auth := Auth{Token: "token", Keeps: true, Lang: "en"}
	check(auth, ParseAuth(auth.Append(nil)), nil)
	welcome := Welcome{"token", "v1", "p.token", "SQLite"}
	check(welcome, ParseWelcome(append(welcome.AppendMembers([]byte{'{'}), '}')), nil)
	request := JoinRequest{"소이", "방", "e.9.x"}
	gotJoin, refusal := ParseJoin(request.Append(nil))
	check(request, gotJoin, errorOf(refusal))
	send := SendRequest{"방", "id", hard, 6}
	gotSend, refusal := ParseSend(send.Append(nil))
	check(send, gotSend, errorOf(refusal))
	history := HistoryRequest{"방", 4, 5}
	gotHistory, refusal := ParseHistory(history.Append(nil))
	check(history, gotHistory, errorOf(refusal))
	leave := RoomRequest{"방"}
	gotLeave, refusal := ParseRoom(leave.Append(nil))
	check(leave, gotLeave, errorOf(refusal))
	editing := EditRequest{"방", "id", 4, hard}
	gotEditing, refusal := ParseEdit(editing.Append(nil))
	check(editing, gotEditing, errorOf(refusal))
	deleting := DeleteRequest{"방", "id", 4}
	gotDeleting, refusal := ParseDelete(deleting.Append(nil))
	check(deleting, gotDeleting, errorOf(refusal))
	reacting := ReactRequest{"방", "id", 4, "👍", true}
	gotReacting, refusal := ParseReact(reacting.Append(nil))
	check(reacting, gotReacting, errorOf(refusal))
	typing := TypingRequest{"방", true}
	gotTyping, refusal := ParseTyping(typing.Append(nil))
	check(typing, gotTyping, errorOf(refusal))
	search := SearchRequest{"방", "회의", "x.y", 7}
	gotSearch, refusal := ParseSearch(search.Append(nil))
	check(search, gotSearch, errorOf(refusal))
	for _, peeked := range []Peeked{{"방", 3, 5}, {"방", 0, 0}} {
		gotPeeked, err := ParsePeeked(peeked.Append(nil))
		check(peeked, gotPeeked, err)
	}
	passed := Passed{"aZ0-_", 5}
	gotPassed, err := ParsePassed(passed.Append(nil))
	check(passed, gotPassed, err)
	redeem := RedeemRequest{"aZ0-_"}
	gotRedeem, refusal := ParseRedeem(redeem.Append(nil))
	check(redeem, gotRedeem, errorOf(refusal))
	redeemed := Redeemed{"m1.a.b"}
	gotRedeemed, err := ParseRedeemed(redeemed.Append(nil))
	check(redeemed, gotRedeemed, err)
	for _, c := range checks {
		if !reflect.DeepEqual(c.want, c.got) {
			t.Errorf("%+v came back as %+v", c.want, c.got)
		}
	}
}

func errorOf(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}

func TestAck(t *testing.T) {
	refusal := &Error{NameTaken, "누가 쓰고 있어요", 1500 * time.Millisecond}
	for _, c := range []struct {
		in     []string
		result string
		err    error
	}{
		{[]string{`null`, `{"a":1}`}, `{"a":1}`, nil},
		{[]string{`null`}, ``, nil},
		{[]string{string(refusal.Append(nil))}, ``, refusal},
		{[]string{`{"code":"later","message":""}`}, ``, &Error{Code: "later"}},
		{[]string{}, ``, ErrAck},
		{[]string{`"no"`}, ``, ErrAck},
		{[]string{`{}`}, ``, ErrAck},
	} {
		var args []json.RawMessage
		for _, a := range c.in {
			args = append(args, json.RawMessage(a))
		}
		result, err := ParseAck(args)
		if string(result) != c.result || !reflect.DeepEqual(err, c.err) && !errors.Is(err, c.err) {
			t.Errorf("ParseAck(%s) = %s, %v; want %s, %v", c.in, result, err, c.result, c.err)
		}
		if e, ok := c.err.(*Error); ok && !reflect.DeepEqual(err, e) {
			t.Errorf("ParseAck(%s) is %+v, want %+v", c.in, err, e)
		}
	}
}

func TestCodesAreListed(t *testing.T) {
	seen := map[Code]bool{}
	for _, c := range Codes {
		if seen[c] {
			t.Errorf("%s stands twice in Codes", c)
		}
		seen[c] = true
	}
	if len(seen) != 23 {
		t.Errorf("Codes lists %d codes; a new one must stand in it", len(seen))
	}
}

// What passes by itself is tried again by the client; the rest is a person's to
// mend.
func TestTemporary(t *testing.T) {
	for _, c := range Codes {
		if got, want := Refuse(c).Temporary(), c == RateLimited || c == Unavailable || c == Internal; got != want {
			t.Errorf("%s: %v", c, got)
		}
	}
}

// Whatever comes in: no panic, and what is accepted is within the limits.
func FuzzRequests(f *testing.F) {
	for _, s := range []string{`{"username":"소이","room":"기획팀","after":""}`, `"안녕"`, `{"room":"a","before":1}`, `{"token":"x"}`, `[[[[`, `{"text":"\ud800"}`, `{"room":"a","text":"b","replyTo":9007199254740991}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, refusal := ParseJoin(raw); refusal == nil {
			if n := utf8.RuneCountInString(r.Username); n == 0 || n > MaxName || !utf8.ValidString(r.Username) {
				t.Errorf("name %q was accepted", r.Username)
			}
			if n := utf8.RuneCountInString(r.Room); n == 0 || n > MaxRoom || !utf8.ValidString(r.Room) {
				t.Errorf("room %q was accepted", r.Room)
			}
		}
		if r, refusal := ParseSend(raw); refusal == nil && (r.Text == "" || len(r.Text) > MaxTextBytes || !utf8.ValidString(r.Text) || r.ReplyTo < 0 || r.ReplyTo > 1<<53) {
			t.Errorf("text %q was accepted", r.Text)
		}
		if r, refusal := ParseHistory(raw); refusal == nil && (r.Limit < 1 || r.Limit > MaxPage || r.Before < 0) {
			t.Errorf("page %+v was accepted", r)
		}
		if r, refusal := ParseEdit(raw); refusal == nil && (r.Seq < 1 || r.Text == "" || len(r.Text) > MaxTextBytes || len(r.ID) > MaxID) {
			t.Errorf("edit %+v was accepted", r)
		}
		if r, refusal := ParseReact(raw); refusal == nil && (r.Seq < 1 || len(r.Emoji) > MaxEmoji || !utf8.ValidString(r.Emoji)) {
			t.Errorf("reaction %+v was accepted", r)
		}
		if r, refusal := ParseSearch(raw); refusal == nil && (r.Limit < 1 || r.Limit > MaxFound || len(r.Text) > MaxSearch || len(r.Before) > MaxCursor) {
			t.Errorf("search %+v was accepted", r)
		}
		ParseDelete(raw)
		ParseTyping(raw)
		ParseMark(raw)
		ParseChange(raw)
		ParseWriting(raw)
		ParseFound(raw)
		ParseAuth(raw)
		ParseWelcome(raw)
		ParsePage(raw)
		ParsePeople(raw)
		ParseJoined(raw)
		if p, err := ParsePeeked(raw); err == nil && (p.Room == "" || p.Count < 0 || p.LastAt < 0) {
			t.Errorf("%+v was accepted", p)
		}
		if p, err := ParsePassed(raw); err == nil && (!IsPass(p.Pass) || p.Until <= 0) {
			t.Errorf("%+v was accepted", p)
		}
		if r, refusal := ParseRedeem(raw); refusal == nil && (r.Pass == "" || len(r.Pass) > MaxPass) {
			t.Errorf("%+v was accepted", r)
		}
		ParseRedeemed(raw)
		ParseAck([]json.RawMessage{raw})
	})
}

// A reply answers what was said before it.
func TestRepliesOfPosts(t *testing.T) {
	for in, want := range map[string]int64{
		`{"seq":7,"replyTo":6}`: 6, `{"seq":7}`: 0, `{"seq":7,"replyTo":0}`: 0,
		`{"seq":7,"replyTo":7}`: -1, `{"seq":7,"replyTo":8}`: -1, `{"replyTo":1}`: -1, `{"seq":7,"replyTo":-1}`: -1, `{"seq":7,"replyTo":"6"}`: -1,
	} {
		p, err := ParsePost(json.RawMessage(in))
		if got := p.ReplyTo; (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%s: %d, %v", in, got, err)
		}
	}
}

func TestSameDevice(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{{"m1.abc.x", "m1.abc.y", true}, {"m1.abc.x", "m1.abd.x", false}, {"", "", false}, {"m1..x", "m1..x", false}, {"abc", "abc", false}} {
		if got := SameDevice(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %v", test.a, test.b, got)
		}
	}
}
