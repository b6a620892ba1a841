package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const secretBytes = 32

// Secret reads the secret that signs tokens from the file at path; if there is
// none, it makes one, so that people stay who they are over restarts.
func Secret(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	switch {
	case err == nil && len(secret) < minSecret:
		return nil, fmt.Errorf("secret file %s is too short; delete it to have a new one made", path)
	case err == nil:
		return secret, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	secret = make([]byte, secretBytes)
	rand.Read(secret)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the secret's folder: %w", err)
	}
	// Written whole or not at all: a torn secret would sign nobody's token.
	temp := path + ".new"
	if err := writeSynced(temp, secret); err != nil {
		return nil, fmt.Errorf("write the secret: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return nil, fmt.Errorf("write the secret: %w", err)
	}
	return secret, nil
}

// writeSynced writes a file that is on the disk when it returns.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
