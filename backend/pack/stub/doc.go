// Package stub holds what takes the place of packages of the standard library when
// the WebAssembly is built, each at the path of the package that it replaces. They
// are packages that go-app, uuid and coder/websocket name in the tab and that nothing
// there calls; without the real ones the download is much smaller.
//
// Each has the names that those need and nothing behind them. Whatever needs more does
// not compile, and what is called all the same panics or returns an error that says
// which package is missing: nothing here answers as if it worked, and regexp knows the one
// expression that is used alone. TestOnlyTheseNeedStubs keeps the list of who imports them.
//
// What ids and secrets are made of stays real: crypto/rand asks the browser. Of FIPS
// 140, which Go has not on WebAssembly, the modules are left out that only it uses.
//
// They are ordinary packages here so that vet and staticcheck read them; the build
// lays them over those of GOROOT with the go command's -overlay.
package stub
