// Package regexp takes the place of regexp in the WebAssembly. go-app matches addresses
// with it, and the one expression that ours are given by is that for all of them.
package regexp

// all is the expression that every text matches, and the only one there is.
const all = ".*"

// Regexp is that expression.
type Regexp struct{}

// MustCompile panics for any other expression.
func MustCompile(expression string) *Regexp {
	if expression != all {
		panic("regexp is not part of the WebAssembly, but for " + all)
	}
	return &Regexp{}
}

// MatchString returns true.
func (*Regexp) MatchString(string) bool { return true }
