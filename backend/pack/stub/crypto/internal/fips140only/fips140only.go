// Package fips140only takes the place of crypto/internal/fips140only in the
// WebAssembly. Where crypto/rand makes primes and numbers, which the tab doesn't ask
// for, it would ask this whether it may.
package fips140only

// Enforced panics.
func Enforced() bool { panic("crypto/internal/fips140only is not part of the WebAssembly") }
