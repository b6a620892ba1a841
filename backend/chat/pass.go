package chat

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"maru/app/wire/event"
)

const passVersion = "maru pass 1"

// Pass makes what a person shows to another browser of theirs, so that it speaks for the
// same device. Unlike the token it ends soon, so that one that was seen on a screen or
// has stayed in a history is worth nothing. Nobody can read a device from it.
func (s *Signer) Pass(d Device, now time.Time) (pass string, until time.Time) {
	until = now.Add(event.PassTime)
	plain := binary.BigEndian.AppendUint64(nil, uint64(until.UnixMilli()))
	sealed := sealer(s.secrets[0]).Seal(nil, nil, append(plain, d...), []byte(passVersion))
	return base64.RawURLEncoding.EncodeToString(sealed), until
}

// Pass is what a pass says that was read.
type Pass struct {
	Device Device // that made it
	Token  string // of the device
	hash   [sha256.Size]byte
}

// Redeem reads a pass. ok tells that it was made by a Signer with one of the same secrets,
// and has not ended.
func (s *Signer) Redeem(pass string, now time.Time) (p Pass, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(pass)
	if err != nil {
		return p, false
	}
	for _, secret := range s.secrets {
		plain, err := sealer(secret).Open(nil, nil, sealed, []byte(passVersion))
		if err != nil || len(plain) < 8 {
			continue
		}
		if until := time.UnixMilli(int64(binary.BigEndian.Uint64(plain))); !now.Before(until) {
			return p, false
		}
		d := Device(plain[8:])
		// The text of a pass can be written in several ways, what it encodes in one.
		return Pass{d, s.token(d), sha256.Sum256(sealed)}, true
	}
	return p, false
}

// sealer has a key of its own: what a secret signs says nothing of what it seals.
func sealer(secret []byte) cipher.AEAD {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(passVersion))
	block, err := aes.NewCipher(m.Sum(nil))
	if err != nil {
		panic(err) // the key has the size of a hash, which is one that AES takes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // an AES block has the size that GCM takes
	}
	return aead
}
