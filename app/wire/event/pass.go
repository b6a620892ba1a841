package event

import (
	"encoding/json"
	"strings"
)

// Passed is the result of Pass: what another device shows to Redeem, until a time in ms
// since 1970, to be the same person.
type Passed struct {
	Pass  string
	Until int64
}

// Append appends p as JSON.
func (p Passed) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("pass", p.Pass)
	w.num("until", p.Until)
	return append(w.buf, '}')
}

// ParsePassed reads the result of Pass.
func ParsePassed(raw json.RawMessage) (p Passed, err error) {
	f := fields(raw)
	p = Passed{Pass: f.str("pass"), Until: f.num("until")}
	if f.bad || !IsPass(p.Pass) || p.Until <= 0 {
		return p, ErrForm
	}
	return p, nil
}

// RedeemRequest asks for the token that a pass stands for.
type RedeemRequest struct{ Pass string }

// Append appends r as JSON.
func (r RedeemRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("pass", r.Pass)
	return append(w.buf, '}')
}

// ParseRedeem reads and checks the argument of Redeem.
func ParseRedeem(raw json.RawMessage) (r RedeemRequest, refusal *Error) {
	f := fields(raw)
	r.Pass = f.str("pass")
	if f.bad || !IsPass(r.Pass) {
		return r, Refuse(PassInvalid)
	}
	return r, nil
}

// Redeemed is the result of Redeem.
type Redeemed struct{ Token string }

// Append appends r as JSON.
func (r Redeemed) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("token", r.Token)
	return append(w.buf, '}')
}

// ParseRedeemed reads the result of Redeem.
func ParseRedeemed(raw json.RawMessage) (r Redeemed, err error) {
	f := fields(raw)
	r.Token = f.str("token")
	if f.bad || r.Token == "" {
		return r, ErrForm
	}
	return r, nil
}

// SameDevice tells whether two tokens are of one device: the server may have signed it
// anew. What is no token is no device's.
func SameDevice(token, other string) bool {
	a, b := strings.Split(token, "."), strings.Split(other, ".")
	return len(a) == 3 && len(b) == 3 && a[1] != "" && a[1] == b[1]
}

// IsPass tells whether a string has the form of a pass: characters that an address has
// as they are, not too many.
func IsPass(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_':
		default:
			return false
		}
	}
	return s != "" && len(s) <= MaxPass
}
