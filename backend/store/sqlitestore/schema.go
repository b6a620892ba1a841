package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// applicationID marks a file as ours in its header ("Maru"); the user_version
// beside it is how many steps of the layout it has, at most schemaVersion.
const (
	applicationID = 0x4d617275
	schemaVersion = 3
)

// layout is the steps that lay out a new file. An older file takes those that
// it lacks; so a step that files out there have taken never changes.
var layout = [schemaVersion]string{schemaRooms, schemaNotes, schemaMarks}

// schemaRooms is the first step: rooms, and who is in them.
//
// Names, IDs and bodies are opaque bytes, hence BLOB. rooms.low is the Seq of
// the newest event that was trimmed. Rows of events are added at the end, and
// overwritten in place when a text is erased (see writer.erase); so events has
// a rowid, and edits and reacts, the state that the events add up to, stand
// beside it.
const schemaRooms = `
CREATE TABLE rooms (
	id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, epoch TEXT NOT NULL,
	head INTEGER NOT NULL, head_id BLOB NOT NULL,
	low INTEGER NOT NULL, low_id BLOB NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE events (
	id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL,
	kind INTEGER NOT NULL, at INTEGER NOT NULL, author BLOB NOT NULL,
	cid BLOB NOT NULL, target INTEGER NOT NULL, erased INTEGER NOT NULL,
	body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_seq ON events (room, seq);
CREATE UNIQUE INDEX events_cid ON events (room, author, cid);
CREATE INDEX events_posts ON events (room, seq) WHERE kind = 109;
CREATE TABLE edits (
	room INTEGER NOT NULL, target INTEGER NOT NULL, seq INTEGER NOT NULL,
	PRIMARY KEY (room, target, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE reacts (
	room INTEGER NOT NULL, target INTEGER NOT NULL, emoji BLOB NOT NULL,
	author BLOB NOT NULL, seq INTEGER NOT NULL,
	PRIMARY KEY (room, target, emoji, author)
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
	room INTEGER NOT NULL, conn BLOB NOT NULL, user BLOB NOT NULL,
	key BLOB NOT NULL, info BLOB NOT NULL, ends INTEGER NOT NULL,
	PRIMARY KEY (room, conn)
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_user ON leases (room, user);
CREATE INDEX leases_key ON leases (room, key) WHERE key <> x'';
CREATE INDEX leases_ends ON leases (ends);
CREATE TABLE touched (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
INSERT INTO touched VALUES (1, 0);
`

// schemaNotes is the second step. notes.ends is in milliseconds of wall time.
// Rows come and go in any order and SQLite moves them, so bytes of a row that
// is gone may stay in a page until it is used again or VACUUM is run.
const schemaNotes = `
CREATE TABLE notes (
	key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL, ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notes_ends ON notes (ends);
`

// schemaMarks is the third step: how far people have read, a way to the events
// that change messages, and the index of what messages say. marks.ends is in
// milliseconds of wall time.
//
// found has no copy of the texts, only the words of store.Grams by the rows of
// events, which is why whoever takes something out must say what it was. With
// secure-delete a word goes at once, not when the index is merged next. folded
// tells by which store.Fold it was made.
const schemaMarks = `
CREATE TABLE marks (
	room INTEGER NOT NULL, user BLOB NOT NULL, seq INTEGER NOT NULL, ends INTEGER NOT NULL,
	PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX marks_ends ON marks (ends);
CREATE INDEX events_changes ON events (room, seq) WHERE ` + isChange + `;
CREATE TABLE folded (id INTEGER PRIMARY KEY, fold TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE found USING fts5(words, content = '', columnsize = 0, tokenize = 'ascii');
INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
`

// isChange picks the kinds of events that change a message: Edit, Delete,
// React and Unreact.
const isChange = "kind IN (101, 100, 114, 117)"

// errBusyFile is what a second Open of a file gets.
var errBusyFile = errors.New("another running server has this file open")

// dsn names a file for the driver; pragmas are set on every connection.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": pragmas}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// lockFile takes the exclusive right to path by an open transaction on a file
// beside it. SQLite's own lock on the data would keep out our readers and the
// sqlite3 tool as well; taken through SQLite, a lock on a side file works on
// every system and against a second Open in this process too. The system
// drops it when the process dies, however that happens.
func lockFile(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path+"-lock", "busy_timeout(0)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
		if isBusy(err) {
			err = errBusyFile
		}
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return db, nil
}

// isBusy reports whether err is SQLITE_BUSY, in any of its forms.
func isBusy(err error) bool {
	const sqliteBusy = 5
	var coded interface{ Code() int }
	return errors.As(err, &coded) && coded.Code()&0xff == sqliteBusy
}

// migrate lays out a new file or brings an older one up to date, and refuses
// one that is not ours or is newer.
func (w *writer) migrate() error {
	var app, version, tables int
	row := w.queryRow(`SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM sqlite_schema)`)
	if err := row.Scan(&app, &version, &tables); err != nil {
		return err
	}
	switch {
	case app == applicationID && version == schemaVersion:
		return nil
	case app == applicationID && 0 < version && version < schemaVersion:
		return w.layOut(version)
	case app == applicationID:
		return fmt.Errorf("the file has format %d, this server knows up to %d", version, schemaVersion)
	case app != 0 || tables > 0:
		return errors.New("the file is a database of another program")
	}
	return w.layOut(0)
}

// layOut takes the steps after the first done ones, in one transaction, so that
// a crash leaves the file as it was.
func (w *writer) layOut(done int) error {
	if err := w.begin(); err != nil {
		return err
	}
	w.script(fmt.Sprintf("%s; PRAGMA application_id = %d; PRAGMA user_version = %d",
		strings.Join(layout[done:], ""), applicationID, schemaVersion))
	w.exec("COMMIT")
	if w.broken != nil {
		return errors.Join(w.broken, w.disconnect())
	}
	return nil
}
