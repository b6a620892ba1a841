// Package public carries the files that the browser loads inside the program, so
// that one binary is all there is to install.
//
// It promises the folder built as the pack command last left it. Before the first
// build that folder is empty, and the web server says so. It knows nothing of how
// the files are made or served.
package public

import "embed"

// Files holds the folder built.
//
//go:embed all:built
var Files embed.FS
