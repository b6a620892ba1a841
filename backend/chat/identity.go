package chat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Device is who a token speaks for: one browser or program, over all its
// connections. It is secret; what others see is a Person.
type Device string

const deviceBytes = 16

// Signer makes and checks tokens. The first secret signs; all of them are
// taken, so that a secret can be changed without anybody noticing.
type Signer struct{ secrets [][]byte }

// NewSigner makes a Signer. It needs at least one secret.
func NewSigner(secrets ...[]byte) *Signer { return &Signer{secrets} }

const tokenVersion = "m1"

// Issue makes a token for a device that has none.
func (s *Signer) Issue() (token string, d Device) {
	b := make([]byte, deviceBytes)
	rand.Read(b)
	d = Device(base64.RawURLEncoding.EncodeToString(b))
	return s.token(d), d
}

func (s *Signer) token(d Device) string {
	return tokenVersion + "." + string(d) + "." + sign(s.secrets[0], d)
}

// Check reads a token. ok tells that it was issued by a Signer with one of the
// same secrets.
func (s *Signer) Check(token string) (d Device, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] != tokenVersion {
		return "", false
	}
	d = Device(parts[1])
	for _, secret := range s.secrets {
		if hmac.Equal([]byte(parts[2]), []byte(sign(secret, d))) {
			return d, true
		}
	}
	return "", false
}

func sign(secret []byte, d Device) string {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(tokenVersion + "." + string(d)))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// personBytes of a hash are enough that nobody finds another's ID.
const personBytes = 15

// Person is the ID that others see of a device under a name. Two windows of
// one browser that use two names are two people; the same name again, in
// whatever room or connection, is the same one.
func (d Device) Person(name string) string {
	h := sha256.Sum256([]byte(string(d) + "\x00" + nameKey(name)))
	return base64.RawURLEncoding.EncodeToString(h[:personBytes])
}

// Stranger is the device of somebody without a token who chose an idempotency
// key: who has the key is the same. Without a key it is nobody seen before.
func Stranger(key string) Device {
	if key == "" {
		return Device(rand.Text())
	}
	h := sha256.Sum256([]byte("stranger\x00" + key))
	return Device(base64.RawURLEncoding.EncodeToString(h[:]))
}

// KeyedID is the id of the message that an idempotency key stands for, within
// what a store takes; a new one if there is no key.
func KeyedID(key string) string {
	if key == "" {
		return rand.Text()
	}
	h := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(h[:])
}
