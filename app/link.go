package app

import (
	"time"

	"maru/app/chat"
)

// How long a lost connection is kept quiet, how long it is only a dot, and how
// long the banner says that it is back.
const (
	quietFor = 2 * time.Second
	dotFor   = 5 * time.Second
	backFor  = 1500 * time.Millisecond
	tipFor   = 2 * time.Second
)

// trouble is how much is shown of the state of the connection.
type trouble byte

const (
	noTrouble trouble = iota
	dotTrouble
	bannerTrouble
	backTrouble // it is over
)

// refreshLink notes when the connection was lost and when it came back.
func (s *state) refreshLink() {
	now, online := s.now(), s.chat.Link().State == chat.Online
	switch {
	case online && !s.lostAt.IsZero():
		if now.Sub(s.lostAt) >= dotFor {
			s.backUntil = now.Add(backFor)
		}
		s.lostAt = time.Time{}
	case !online && s.lostAt.IsZero():
		s.lostAt, s.backUntil = now, time.Time{}
	}
}

// trouble returns what is shown of the connection now.
func (s *state) trouble() trouble {
	now := s.now()
	if s.lostAt.IsZero() {
		if now.Before(s.backUntil) {
			return backTrouble
		}
		return noTrouble
	}
	switch away := now.Sub(s.lostAt); {
	case away >= dotFor:
		return bannerTrouble
	case away >= quietFor:
		return dotTrouble
	}
	return noTrouble
}

// retryIn returns in how many seconds the connection is tried again; 0: it is
// being tried.
func (s *state) retryIn() int {
	l := s.chat.Link()
	if l.State != chat.Waiting {
		return 0
	}
	left := l.RetryAt.Sub(s.now())
	return max(int((left+time.Second-1)/time.Second), 0)
}

// ticking tells whether something on the page changes as time goes by alone.
func (s *state) ticking() bool {
	now := s.now()
	return !s.lostAt.IsZero() || !s.backUntil.IsZero() && now.Before(s.backUntil.Add(time.Second)) ||
		s.tip != noTip || s.spoken.said != "" || s.unseen()
}

// tick ends what is shown for a while only.
func (s *state) tick() {
	now := s.now()
	if s.tip != noTip && now.After(s.tipUntil) {
		s.tip = noTip
	}
	if s.spoken.said != "" && now.After(s.spoken.until) {
		s.spoken.said = ""
	}
}

func (s *state) showTip(t tip) { s.tip, s.tipUntil = t, s.now().Add(tipFor) }
