package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"maru/backend/store"
)

// eventColumns are scanned into an eventRow.
const eventColumns = `events.seq, events.kind, events.at, events.author, events.cid,
	events.target, events.erased, events.body`

// What the readers ask. A post is an event with the body of its last edit.
const (
	queryRoom   = "SELECT " + roomColumns + " FROM rooms WHERE name = ?"
	queryID     = "SELECT cid FROM events WHERE room = ? AND seq = ?"
	queryEvents = "SELECT " + eventColumns + " FROM events WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?"
	queryPosts  = "SELECT " + eventColumns + `, edit.body, edit.at FROM events LEFT JOIN events AS edit
		ON edit.room = events.room AND edit.seq =
			(SELECT max(seq) FROM edits WHERE room = events.room AND target = events.seq)
		WHERE events.room = ? AND events.kind = 109 AND `
	queryPage   = queryPosts + "events.seq < ? ORDER BY events.seq DESC LIMIT ?"
	queryCount  = "SELECT count(*) FROM events WHERE room = ? AND kind = 109 AND seq > ? AND seq <= ?"
	queryGet    = queryPosts + "events.seq = ?"
	queryReacts = `SELECT target, emoji, author FROM reacts
		WHERE room = ? AND target BETWEEN ? AND ? ORDER BY target, seq`
	queryMembers = "SELECT conn, user, key, info FROM leases WHERE room = ?"
	queryNote    = "SELECT value FROM notes WHERE key = ? AND ends > ?"
	queryFind    = "SELECT " + eventColumns + `, edit.body, edit.at FROM found JOIN events ON events.id = found.rowid
		LEFT JOIN events AS edit ON edit.room = events.room AND edit.seq =
			(SELECT max(seq) FROM edits WHERE room = events.room AND target = events.seq)
		WHERE found MATCH ? AND found.rowid < ? ORDER BY found.rowid DESC`
	queryRooms = "SELECT name FROM rooms WHERE name > ? ORDER BY name LIMIT ?"
	queryRow   = "SELECT id FROM events WHERE room = ? AND seq >= ? ORDER BY seq LIMIT 1"
	queryMark  = `SELECT seq FROM marks JOIN rooms ON rooms.id = marks.room
		WHERE rooms.name = ? AND user = ? AND ends > ?`
	queryChanges = "SELECT " + eventColumns + ` FROM events WHERE room = ? AND ` + isChange + `
		AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`
)

// openReaders opens the connections for reading and prepares what they ask.
func openReaders(path string) (*sql.DB, map[string]*sql.Stmt, error) {
	db, err := sql.Open("sqlite", dsn(path, "busy_timeout(1000)", "query_only(ON)",
		"temp_store(MEMORY)", "cache_size(-8000)"))
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(readConns)
	db.SetMaxIdleConns(readConns)
	queries := map[string]*sql.Stmt{}
	for _, query := range []string{
		queryRoom, queryID, queryEvents, queryPage, queryGet, queryReacts, queryMembers, queryNote,
		queryMark, queryChanges, queryCount, queryFind, queryRow, queryRooms,
	} {
		stmt, err := db.Prepare(query)
		if err != nil {
			return nil, nil, errors.Join(err, db.Close())
		}
		queries[query] = stmt
	}
	return db, queries, nil
}

// eventRow is a row of events as it is scanned.
type eventRow struct {
	ev     store.Event
	kind   int64
	at     int64
	erased bool
}

func (e *eventRow) columns() []any {
	return []any{&e.ev.Seq, &e.kind, &e.at, &e.ev.Author, &e.ev.ID, &e.ev.Target, &e.erased, &e.ev.Body}
}

func (e *eventRow) event() store.Event {
	e.ev.Kind, e.ev.At = store.Kind(e.kind), time.UnixMilli(e.at).UTC()
	if e.erased {
		e.ev.Body = nil
	}
	return e.ev
}

// snapshot is the data as it was at one moment.
type snapshot struct {
	ctx context.Context
	tx  *sql.Tx
	s   *Store
}

// read calls ask with a snapshot. A store error that ask returns is an answer
// and passes as it is; any other is a fault.
func (s *Store) read(ctx context.Context, verb, room string, ask func(snapshot) error) error {
	s.reading.RLock()
	defer s.reading.RUnlock()
	select {
	case <-s.quit:
		return errClosed
	default:
	}
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.readFault(ctx, verb, room, err)
	}
	err = ask(snapshot{ctx, tx, s})
	// There is nothing to keep, and if the rollback fails the connection is
	// not used again.
	_ = tx.Rollback()
	if err == nil || errors.Is(err, store.ErrReset) || errors.Is(err, store.ErrTrimmed) {
		return err
	}
	return s.readFault(ctx, verb, room, err)
}

// readFault is fault, and says so when the Store was closed meanwhile.
func (s *Store) readFault(ctx context.Context, verb, room string, err error) error {
	select {
	case <-s.quit:
		return errClosed
	default:
		return fault(ctx, verb, room, err)
	}
}

func (q snapshot) stmt(query string) *sql.Stmt {
	return q.tx.StmtContext(q.ctx, q.s.queries[query])
}

// room finds a room; nil if it has not begun.
func (q snapshot) room(name string) (*room, error) {
	r := &room{name: name}
	err := q.stmt(queryRoom).QueryRowContext(q.ctx, []byte(name)).Scan(r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// each scans every row of a query with scan.
func (q snapshot) each(query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.stmt(query).QueryContext(q.ctx, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, scan)
}

// eachRow scans every row with scan and closes rows.
func eachRow(rows *sql.Rows, scan func(*sql.Rows) error) error {
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// Head implements store.Log.
func (s *Store) Head(ctx context.Context, room string) (pos store.Pos, err error) {
	if err := store.CheckRoom(room); err != nil {
		return store.Pos{}, err
	}
	err = s.read(ctx, "head", room, func(q snapshot) error {
		r, err := q.room(room)
		if r != nil {
			pos = r.pos()
		}
		return err
	})
	return pos, err
}

// Events implements store.Log.
func (s *Store) Events(ctx context.Context, room string, from store.Pos, limit int) (evs []store.Event, head store.Pos, err error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(limit)); err != nil {
		return nil, store.Pos{}, err
	}
	err = s.read(ctx, "events", room, func(q snapshot) error {
		r, err := q.room(room)
		if err != nil {
			return err
		}
		if err := q.check(r, from); err != nil || r == nil {
			return err
		}
		head = r.pos()
		if from.Seq == r.head {
			return nil
		}
		return q.each(queryEvents, []any{r.id, from.Seq, limit}, func(rows *sql.Rows) error {
			var row eventRow
			err := rows.Scan(row.columns()...)
			evs = append(evs, row.event())
			return err
		})
	})
	if err != nil {
		return nil, store.Pos{}, err
	}
	return evs, head, nil
}

// check reports whether a reader at pos can go on from there: ErrReset if pos
// is no place of this log, ErrTrimmed if events after it are gone.
func (q snapshot) check(r *room, pos store.Pos) error {
	switch {
	case r == nil && pos == store.Pos{}:
		return nil
	case r == nil:
		return store.ErrReset
	case pos == store.Pos{} && r.low > 0:
		return store.ErrTrimmed
	case pos == store.Pos{}:
		return nil
	case pos.Epoch != r.epoch || pos.Seq < 0 || pos.Seq > r.head:
		return store.ErrReset
	case pos.Seq < r.low:
		return store.ErrTrimmed
	}
	id, err := q.idAt(r, pos.Seq)
	if err == nil && id != pos.ID {
		return store.ErrReset
	}
	return err
}

// idAt is the ID of the event at seq, which is in the log or was the last one
// to be trimmed.
func (q snapshot) idAt(r *room, seq int64) (id string, err error) {
	switch seq {
	case r.head:
		return r.headID, nil
	case r.low:
		return r.lowID, nil
	}
	err = q.stmt(queryID).QueryRowContext(q.ctx, r.id, seq).Scan(&id)
	return id, err
}

// Members implements store.Presence.
func (s *Store) Members(ctx context.Context, room string) (members []store.Member, pos store.Pos, err error) {
	if err := store.CheckRoom(room); err != nil {
		return nil, store.Pos{}, err
	}
	err = s.read(ctx, "members", room, func(q snapshot) error {
		r, err := q.room(room)
		if r == nil || err != nil {
			return err
		}
		pos = r.pos()
		return q.each(queryMembers, []any{r.id}, func(rows *sql.Rows) error {
			var m store.Member
			err := rows.Scan(&m.Conn, &m.User, &m.Key, &m.Info)
			members = append(members, m)
			return err
		})
	})
	if err != nil {
		return nil, store.Pos{}, err
	}
	return members, pos, nil
}
