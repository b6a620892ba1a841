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
	if got, ok := NewSigner(old).Redeem(pass, until.Add(-time.Millisecond)); !ok || got.Token != token || got.Device != device {
		t.Errorf("redeemed as %+v, %v; want %q", got, ok, token)
	}
	renewed, ok := NewSigner(young, old).Redeem(pass, now)
	if d, checked := NewSigner(young).Check(renewed.Token); !ok || !checked || d != device {
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

// A pass is used up by the first device that comes with it, however it is written.
func TestPassIsUsedOnce(t *testing.T) {
	r := newHouse(t)
	signer, now := NewSigner([]byte("a secret that is long enough")), time.UnixMilli(1_790_000_000_000)
	_, mine := signer.Issue()
	made, _ := signer.Pass(mine, now)
	for _, use := range []struct {
		pass string
		by   Device
		want bool
	}{
		{made, mine, true}, {made, "phone", true}, {made, "phone", true}, {made, mine, true},
		{made, "stranger", false}, {made[:9] + "\n" + made[9:], "stranger", false},
	} {
		pass, ok := signer.Redeem(use.pass, now)
		if !ok {
			t.Fatalf("%q is none", use.pass)
		}
		if ok, err := r.Use(t.Context(), pass, use.by); err != nil || ok != use.want {
			t.Errorf("%s uses it: %v, %v", use.by, ok, err)
		}
	}
}
