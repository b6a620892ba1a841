package chat

import (
	"strings"
	"testing"
	"time"

	"maru/app/wire/event"
)

func TestPasses(t *testing.T) {
	old, young := []byte("an old secret that is long"), []byte("a young secret that is long")
	now := time.UnixMilli(1_790_000_000_000)
	token, device := NewSigner(old).Issue()
	pass, until := NewSigner(old).Pass(device, now)
	if got := until.Sub(now); got != event.PassTime {
		t.Errorf("it is good for %v", got)
	}
	if got, ok := NewSigner(old).Redeem(pass, until.Add(-time.Millisecond)); !ok || got != token {
		t.Errorf("redeemed as %q, %v; want %q", got, ok, token)
	}
	renewed, ok := NewSigner(young, old).Redeem(pass, now)
	if d, checked := NewSigner(young).Check(renewed); !ok || !checked || d != device {
		t.Error("after a change of the secret the pass of the old one gives no token of the new one")
	}
	if again, _ := NewSigner(old).Pass(device, now); again == pass || strings.Contains(pass, string(device)) {
		t.Error("a pass tells of its device")
	}
	if _, ok := NewSigner(old).Redeem(pass, until); ok {
		t.Error("one that has ended is taken")
	}
	if _, ok := NewSigner(young).Redeem(pass, now); ok {
		t.Error("one of another secret is taken")
	}
	for i := range len(pass) - 1 { // of the last one not all bits count
		forged := []byte(pass)
		if forged[i]++; forged[i] == '.' {
			forged[i]++
		}
		if _, ok := NewSigner(old).Redeem(string(forged), now); ok {
			t.Errorf("with character %d changed it is taken", i)
		}
	}
	for _, bad := range []string{"", "AAAA", token, "*", pass + pass} {
		if _, ok := NewSigner(old).Redeem(bad, now); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}
