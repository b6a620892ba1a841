package e2e

import (
	"regexp"
	"testing"
)

func TestTwoPeopleTalk(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	soi.people("소이")
	minjun.join(s.url, "민준", "기획팀")
	soi.notices("민준님이")
	soi.people("민준", "소이")
	minjun.people("민준", "소이")

	soi.say("안녕하세요")
	heard := minjun.hears("소이", "안녕하세요")
	if !regexp.MustCompile(`^오[전후] \d{1,2}:\d\d$`).MatchString(heard.Time) {
		t.Errorf("the time is %q, want one such as 오후 3:04", heard.Time)
	}
	own := soi.hears("소이", "안녕하세요")
	if own.Time != heard.Time {
		t.Errorf("the author sees %q, the other %q", own.Time, heard.Time)
	}
	minjun.say("반가워요 👋")
	soi.hears("민준", "반가워요 👋")
	if got := soi.value("composer"); got != "" {
		t.Errorf("the composer still holds %q", got)
	}

	minjun.leave()
	soi.notices("민준님이")
	soi.people("소이")
}

func TestNameInUseIsRefusedInWords(t *testing.T) {
	s := startServer(t)
	soi, other := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	other.open(s.url + "/r/%EA%B8%B0%ED%9A%8D%ED%8C%80")
	other.online()
	if got := other.value("room"); got != "기획팀" {
		t.Errorf("the link fills the room with %q", got)
	}
	other.fill("name", "소이")
	other.click("#enter")
	other.until(`document.querySelector('#join .error[role=alert]')?.textContent.trim()`)
	other.fill("name", "소이2")
	other.click("#enter")
	other.inRoom("기획팀")
	soi.people("소이", "소이2")
}

func TestEnglishBrowserReadsEnglish(t *testing.T) {
	s := startServer(t)
	jules := newPerson(t, look{lang: "en-GB"})
	jules.join(s.url, "Jules", "lobby")
	jules.until(`document.documentElement.lang === 'en'`)
	jules.sees("the welcome in English", func(l line) bool { return l.Notice && regexp.MustCompile(`(?i)welcome`).MatchString(l.Text) })
	jules.say("hello")
	if at := jules.hears("Jules", "hello").Time; !regexp.MustCompile(`^\d{1,2}:\d\d [AP]M$`).MatchString(at) {
		t.Errorf("the time is %q, want one such as 3:04 PM", at)
	}
}
