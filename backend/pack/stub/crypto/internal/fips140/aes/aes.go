// Package aes takes the place of crypto/internal/fips140/aes in the WebAssembly.
// crypto/rand would go through it in the mode of FIPS 140, which Go has not on
// WebAssembly; in the other one, which is ours, it asks the browser alone.
package aes

const missing = "crypto/internal/fips140/aes is not part of the WebAssembly"

// BlockSize is the length of a block in bytes.
const BlockSize = 16

// Block can't be made.
type Block struct{}

// CTR can't be made.
type CTR struct{}

// New panics.
func New([]byte) (*Block, error) { panic(missing) }

// NewCTR panics.
func NewCTR(*Block, []byte) *CTR { panic(missing) }

// XORKeyStream panics.
func (*CTR) XORKeyStream(_, _ []byte) { panic(missing) }

// RoundToBlock panics.
func RoundToBlock(*CTR) { panic(missing) }
