package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"maru/backend/release"
)

// hashDigits is how much of a hash stands in a name: 64 bits.
const hashDigits = 16

// input is a file to pack, and the name that it is listed under.
type input struct{ name, path string }

// publicFiles lists what lies in the public folder to be served: everything but
// Go source, hidden files and the packed release itself.
func publicFiles(folder string) ([]input, error) {
	var files []input
	err := filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		switch {
		case name == release.Folder:
			return fs.SkipDir
		case d.IsDir(), path.Ext(name) == ".go", strings.HasPrefix(d.Name(), "."):
			return nil
		}
		files = append(files, input{name: filepath.ToSlash(name), path: file})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list public files: %w", err)
	}
	return files, nil
}

// pack puts the files into folder and returns their list. What an earlier run left
// there is kept if it still fits; what is no longer listed is removed at the end.
func pack(files []input, folder string, quick bool) (release.Manifest, error) {
	old, err := release.Read(os.DirFS(folder))
	if err != nil && !errors.Is(err, release.ErrNotBuilt) {
		return release.Manifest{}, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return release.Manifest{}, fmt.Errorf("pack: %w", err)
	}
	slices.SortFunc(files, func(a, b input) int { return strings.Compare(a.name, b.name) })
	var m release.Manifest
	version := sha256.New()
	for _, f := range files {
		asset, err := packFile(f, folder, old, quick)
		if err != nil {
			return release.Manifest{}, fmt.Errorf("pack %s: %w", f.name, err)
		}
		m.Assets = append(m.Assets, asset)
		fmt.Fprintf(version, "%s %s\n", asset.Name, asset.Hash)
	}
	m.Version = hex.EncodeToString(version.Sum(nil))[:hashDigits]
	data, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return release.Manifest{}, fmt.Errorf("pack: %w", err)
	}
	if err := writeFile(filepath.Join(folder, release.ManifestFile), append(data, '\n')); err != nil {
		return release.Manifest{}, fmt.Errorf("pack: %w", err)
	}
	return m, removeOthers(folder, m)
}

// packFile puts one file into folder, unless the old release has it already.
func packFile(f input, folder string, old release.Manifest, quick bool) (release.Asset, error) {
	data, err := os.ReadFile(f.path)
	if err != nil {
		return release.Asset{}, err
	}
	sum := sha256.Sum256(data)
	a := release.Asset{Name: f.name, Hash: hex.EncodeToString(sum[:]), Raw: int64(len(data))}
	if before, ok := old.Find(f.name); ok && before.Hash == a.Hash && (quick || !before.Quick) && complete(folder, before) {
		return before, nil
	}
	extension := path.Ext(f.name)
	a.File = strings.TrimSuffix(path.Base(f.name), extension) + "." + a.Hash[:hashDigits] + extension
	target := filepath.Join(folder, a.File)
	brotli, gzip, err := compress(data, quick)
	if err != nil {
		return release.Asset{}, err
	}
	if len(brotli) >= len(data) || len(gzip) >= len(data) {
		return a, writeFile(target, data)
	}
	a.Brotli, a.Gzip, a.Quick = int64(len(brotli)), int64(len(gzip)), quick
	if err := writeFile(target+".br", brotli); err != nil {
		return release.Asset{}, err
	}
	return a, writeFile(target+".gz", gzip)
}

// stored lists the files of an asset with the sizes that they must have.
func stored(a release.Asset) map[string]int64 {
	if a.Compressed() {
		return map[string]int64{a.File + ".br": a.Brotli, a.File + ".gz": a.Gzip}
	}
	return map[string]int64{a.File: a.Raw}
}

// complete tells whether folder holds an asset in all its forms.
func complete(folder string, a release.Asset) bool {
	for name, size := range stored(a) {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil || info.Size() != size {
			return false
		}
	}
	return true
}

// removeOthers removes what the manifest doesn't list. Hidden files stay: one of
// them keeps the folder in version control.
func removeOthers(folder string, m release.Manifest) error {
	keep := map[string]bool{release.ManifestFile: true}
	for _, a := range m.Assets {
		for name := range stored(a) {
			keep[name] = true
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("pack: clean up: %w", err)
	}
	for _, e := range entries {
		if keep[e.Name()] || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
			return fmt.Errorf("pack: clean up: %w", err)
		}
	}
	return nil
}

// writeFile writes data under a name that appears only when it is whole. A file
// that holds the same bytes already is left alone.
func writeFile(name string, data []byte) error {
	if before, err := os.ReadFile(name); err == nil && string(before) == string(data) {
		return nil
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), ".pack-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
