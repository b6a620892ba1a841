package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Backup copies the file at path to a new one, while a Store may have it open,
// in this process or another. All that was acknowledged before is in the copy,
// and nothing that was erased. The copy is as it was at one moment; it is on the
// disk when Backup returns, and only its owner reads it. There is never half a
// copy under that name.
func Backup(ctx context.Context, path, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("sqlitestore: back up to %s: %w", to, fs.ErrExist)
	}
	part := to + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("sqlitestore: back up: %w", err)
	}
	// SQLite writes into an empty file that is there, with the rights it has.
	err = copyInto(ctx, path, part)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(part, to)
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: back up %s: %w", path, errors.Join(err, removed(part)))
	}
	return syncFolder(filepath.Dir(to))
}

// copyInto writes what a file of ours has at this moment into another one.
func copyInto(ctx context.Context, path, to string) (err error) {
	q := url.Values{"_pragma": {"busy_timeout(10000)", "query_only(ON)"}, "mode": {"rw"}} // makes no file
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: q.Encode()}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var app int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
		return err
	}
	if app != applicationID {
		return errors.New("the file is a database of another program")
	}
	if _, err := db.ExecContext(ctx, "PRAGMA query_only(OFF)"); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return err
}

// removed takes a file away that may not be there.
func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes that a new name is on the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sqlitestore: back up: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
