package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// changes asks a server for what happened in a room after a cursor.
func (s *server) changes(room, after string) (kinds []string, cursor string) {
	s.t.Helper()
	query := ""
	if after != "" {
		query = "?after=" + url.QueryEscape(after)
	}
	res, err := http.Get(s.url + "/api/rooms/" + url.PathEscape(room) + "/messages" + query)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var page struct {
		Cursor   string
		Messages []struct{ Kind, Text, Emoji string }
	}
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
		s.t.Fatal(err)
	}
	for _, m := range page.Messages {
		if slices.Contains([]string{"edit", "delete", "react", "unreact"}, m.Kind) {
			kinds = append(kinds, strings.TrimSpace(m.Kind+" "+m.Text+m.Emoji))
		}
	}
	return kinds, page.Cursor
}

// acts presses a button of the tools of a message.
func (p *person) acts(message, do string) {
	p.t.Helper()
	p.hover(message)
	p.until(`document.querySelector(` + quote(message+` [data-do="`+do+`"]`) + `)`)
	p.click(message + ` [data-do="` + do + `"]`)
}

// What is changed without a network shows at once, outlives the tab, and is done
// once and in order when the app is opened again.
func TestChangedOfflineOutlivesTheTab(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "방")
	soi.join(s.url, "소이", "방")
	minjun.say("민준의 말")
	soi.hears("민준", "민준의 말")
	soi.say("고칠 말")
	soi.say("지울 말")
	for _, p := range []*person{soi, minjun} {
		p.saysOnly("민준의 말", "고칠 말", "지울 말")
		p.expect(lostConnection)
	}
	soi.keepsLine("방", "지울 말")
	_, before := s.changes("방", "")
	key := func(text string) string {
		for _, l := range soi.lines() {
			if l.Text == text {
				return `.msg[data-key="` + l.Key + `"]`
			}
		}
		t.Fatalf("no line %q", text)
		return ""
	}
	theirs, edited, gone := key("민준의 말"), key("고칠 말"), key("지울 말")

	s.kill()
	soi.until(`!document.querySelector('#maru[data-link="online"]')`)
	soi.acts(edited, "edit")
	soi.until(`document.getElementById('composer').value === '고칠 말'`)
	soi.fill("composer", "고친 말")
	soi.enterKey()
	soi.until(`document.querySelector(` + quote(edited+" .doing") + `)`)
	soi.acts(gone, "delete")
	soi.click(gone + ` [data-do="delete-sure"]`)
	soi.until(`document.querySelector(` + quote(gone+" .doing") + `)`)
	soi.acts(theirs, "react")
	soi.until(`document.querySelector('#emoji .emoji')`)
	emoji := eval[string](soi, `document.querySelector('#emoji .emoji').textContent`)
	soi.click("#emoji .emoji")
	shown := func(p *person, doing string) {
		t.Helper()
		p.until(`[...document.querySelectorAll('.msg .text')].map(e => e.textContent).join('|') === '민준의 말|고친 말|지운 메시지예요.'`)
		p.until(`document.querySelectorAll('.re').length === 1 && document.querySelector('.re').textContent === ` + quote(emoji+"1"))
		p.until(`[...document.querySelectorAll('.msg')].map(e => Boolean(e.querySelector('.doing'))).join() === ` + quote(doing))
	}
	shown(soi, "true,true,true")
	soi.until(`document.querySelector('.doing').textContent === '연결되면 보낼게요' && document.querySelector('.re').getAttribute('aria-pressed') === 'true'`)
	soi.die()

	s.start()
	soi = soi.tab()
	soi.open(s.url + "/")
	shown(minjun, "false,false,false")
	soi.open(s.url + "/r/" + url.PathEscape("방"))
	shown(soi, "false,false,false")
	soi.until(`!Object.keys(localStorage).some(k => k.startsWith('maru.unsent.'))`)
	if got, _ := s.changes("방", before); !slices.Equal(got, []string{"edit 고친 말", "delete", "react " + emoji}) {
		t.Errorf("the log has %q", got)
	}
}
