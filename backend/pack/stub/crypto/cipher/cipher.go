// Package cipher takes the place of crypto/cipher in the WebAssembly. go-app
// enciphers states with it if it is asked to, which we don't.
package cipher

import "errors"

// Block is a block cipher; nothing implements it here.
type Block interface {
	BlockSize() int
	Encrypt(dst, src []byte)
	Decrypt(dst, src []byte)
}

// AEAD is authenticated encryption; nothing implements it here.
type AEAD interface {
	NonceSize() int
	Overhead() int
	Seal(dst, nonce, plaintext, additionalData []byte) []byte
	Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error)
}

// Stream is a stream cipher; nothing implements it here.
type Stream interface {
	XORKeyStream(dst, src []byte)
}

// NewGCM always returns an error.
func NewGCM(Block) (AEAD, error) {
	return nil, errors.New("crypto/cipher is not part of the WebAssembly")
}
