package e2e

import (
	"debug/elf"
	"io"
	"net/http"
	"testing"
)

// programBudget is the size of the WebAssembly as Brotli, in bytes, when it was
// last looked at (it was 1,342,000 before what the tab doesn't call was left out and the
// segments of its memory were joined), and tolerance by how much it may grow unnoticed.
const (
	programBudget = 1_157_000
	tolerance     = 0.05
)

// The download is what a first visit waits for: it must not grow by accident.
func TestDownloadStaysSmall(t *testing.T) {
	f := newFront(t, startServer(t))
	request, err := http.NewRequest(http.MethodGet, f.URL+f.releases[0].path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "br")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	size, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.Header.Get("Content-Encoding") != "br" {
		t.Fatalf("%s in %q, %v", response.Status, response.Header.Get("Content-Encoding"), err)
	}
	t.Logf("the WebAssembly is %d bytes as Brotli", size)
	if limit := int64(programBudget * (1 + tolerance)); size > limit {
		t.Errorf("the WebAssembly is %d bytes as Brotli, more than %d; if that is worth it, raise the budget", size, limit)
	}
}

// One static binary is all there is to install; the other tests run it in an
// empty folder.
func TestBinaryIsStatic(t *testing.T) {
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary needs a dynamic linker")
		}
	}
}
