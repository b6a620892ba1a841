// Package e2e holds the tests of the whole: the built binary, a real Chromium and
// the Socket.IO client as everybody has it. It is a module of its own, so that
// what drives the browser stays out of the product's.
//
// The tests promise to wait for what they expect, with a deadline and never for a
// fixed time, and to fail where Chromium or Node.js is missing. They know the
// product by its pages and its wire alone. `make e2e` runs them; MARU_BIN names
// the binary, and MARU_CHROMIUM a browser that isn't found by its usual names.
package e2e
