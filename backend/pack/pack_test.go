package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"go.uber.org/goleak"

	"maru/backend/release"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// write puts a file into folder and returns it as an input.
func write(t *testing.T, folder, name, content string) input {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return input{name: name, path: path}
}

func mustPack(t *testing.T, files []input, folder string, quick bool) release.Manifest {
	t.Helper()
	m, err := pack(files, folder, quick)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := release.Read(os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Assets, listed.Assets) || m.Version != listed.Version {
		t.Fatalf("the list on disk is %v, want %v", listed, m)
	}
	return m
}

// names lists folder with the time each file was last written.
func names(t *testing.T, folder string) map[string]time.Time {
	t.Helper()
	all := map[string]time.Time{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = info.ModTime()
	}
	return all
}

func TestPackKeepsEveryByte(t *testing.T) {
	source, folder := t.TempDir(), t.TempDir()
	text := strings.Repeat("마루에 앉아 이야기해요. ", 200)
	m := mustPack(t, []input{write(t, source, "app.css", text), write(t, source, "icons/dot.png", "\x89PNG")}, folder, false)

	css, _ := m.Find("app.css")
	if !css.Compressed() || css.Raw != int64(len(text)) || !strings.HasPrefix(css.File, "app."+css.Hash[:hashDigits]) {
		t.Fatalf("packed as %+v", css)
	}
	br, err := os.ReadFile(filepath.Join(folder, css.File+".br"))
	if err != nil {
		t.Fatal(err)
	}
	gz, err := os.ReadFile(filepath.Join(folder, css.File+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{"brotli": brotli.NewReader(bytes.NewReader(br)), "gzip": plain} {
		if got, err := io.ReadAll(r); err != nil || string(got) != text {
			t.Errorf("%s gives back %d bytes, %v", name, len(got), err)
		}
	}
	dot, _ := m.Find("icons/dot.png")
	if got, err := os.ReadFile(filepath.Join(folder, dot.File)); err != nil || string(got) != "\x89PNG" || dot.Compressed() {
		t.Errorf("what compression doesn't make smaller is kept as %q, %v", got, err)
	}
}

func TestPackDoesNothingTwice(t *testing.T) {
	source, folder := t.TempDir(), t.TempDir()
	files := []input{write(t, source, "a.css", strings.Repeat("a", 500)), write(t, source, "b.png", "b")}
	before := mustPack(t, files, folder, false)
	written := names(t, folder)
	after := mustPack(t, files, folder, true) // what is small already is kept
	if before.Version != after.Version || !slices.Equal(before.Assets, after.Assets) {
		t.Errorf("packed again as %v, want %v", after, before)
	}
	for name, at := range names(t, folder) {
		if at != written[name] {
			t.Errorf("%s was written again", name)
		}
	}
}

func TestPackReplacesWhatWasQuick(t *testing.T) {
	source, folder := t.TempDir(), t.TempDir()
	var text strings.Builder
	for i := range 4000 {
		text.WriteString(strings.Repeat(string(rune('가'+i*i%977)), i%7))
	}
	files := []input{write(t, source, "a.js", text.String())}
	quick, _ := mustPack(t, files, folder, true).Find("a.js")
	full, _ := mustPack(t, files, folder, false).Find("a.js")
	if !quick.Quick || full.Quick || full.Brotli >= quick.Brotli || quick.File != full.File {
		t.Errorf("quick %+v, full %+v", quick, full)
	}
}

func TestPackRepairsAndCleansUp(t *testing.T) {
	source, folder := t.TempDir(), t.TempDir()
	write(t, folder, ".gitkeep", "")
	first := mustPack(t, []input{write(t, source, "a.css", strings.Repeat("a", 500)), write(t, source, "gone.js", strings.Repeat("g", 500))}, folder, false)
	old, _ := first.Find("a.css")
	write(t, folder, old.File+".br", "torn")

	second := mustPack(t, []input{write(t, source, "a.css", strings.Repeat("a", 500))}, folder, false)
	same, _ := second.Find("a.css")
	if !complete(folder, same) || first.Version == second.Version {
		t.Error("a torn file stayed, or the version did")
	}
	third := mustPack(t, []input{write(t, source, "a.css", strings.Repeat("b", 500))}, folder, false)
	changed, _ := third.Find("a.css")
	if changed.File == same.File {
		t.Error("other content has the same name")
	}
	var left []string
	for name := range names(t, folder) {
		left = append(left, name)
	}
	slices.Sort(left)
	if want := []string{".gitkeep", changed.File + ".br", changed.File + ".gz", release.ManifestFile}; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}

func TestPackRefusesABrokenList(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, release.ManifestFile, "{")
	if _, err := pack(nil, folder, false); err == nil {
		t.Error("a list that can't be read went unnoticed")
	}
}

func TestPublicFilesLeavesOutSourceAndRelease(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"app.css", "icons/a.png", "public.go", ".hidden", "built/app.1.wasm"} {
		write(t, root, name, "x")
	}
	files, err := publicFiles(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.name)
	}
	if want := []string{"app.css", "icons/a.png"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMissingFileIsNamed(t *testing.T) {
	_, err := pack([]input{{name: "app.wasm", path: filepath.Join(t.TempDir(), "none")}}, t.TempDir(), false)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "app.wasm") {
		t.Errorf("got %v", err)
	}
}
