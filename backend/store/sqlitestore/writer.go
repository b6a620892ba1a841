package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"maru/backend/store"
)

// maxBatch is how many writes share a commit at most, so that the first of
// them does not wait for long.
const maxBatch = 512

// write is one change that waits for the writer. run first decides whether it
// is refused, and only then changes data: a refused write shares its
// transaction with others. An error of SQLite itself is kept in
// writer.broken and fails the whole batch.
type write struct {
	ctx  context.Context
	verb string
	room string
	run  func(*writer) error
	err  error
	done chan struct{} // closed when err is final
}

// do has run called by the writer and returns when its outcome is on the disk.
// When it returns an error that is no refusal, run may still be called later.
func (s *Store) do(ctx context.Context, verb, room string, run func(*writer) error) error {
	wr := &write{ctx: ctx, verb: verb, room: room, run: run, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.queue <- wr:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.quit:
		return errClosed
	}
	select {
	case <-wr.done:
		return wr.err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
	}
	// The writer has ended; it may have answered just before.
	select {
	case <-wr.done:
		return wr.err
	default:
		return errClosed
	}
}

// run is the writer goroutine. It takes what is waiting and never waits for
// more: under load a batch fills up while the one before is being synced.
func (s *Store) run() {
	defer close(s.done)
	batch := make([]*write, 0, maxBatch)
	for {
		select {
		case <-s.quit:
			return
		case wr := <-s.queue:
			batch = append(batch[:0], wr)
		}
		for len(batch) < maxBatch && len(s.queue) > 0 {
			batch = append(batch, <-s.queue)
		}
		s.commit(batch)
		clear(batch)
		s.writer.scrub()
	}
}

// commit makes a batch durable, announces its events and answers its callers,
// in this order.
func (s *Store) commit(batch []*write) {
	err := s.writer.transact(batch)
	s.failing.Store(err != nil)
	if err == nil {
		s.feeds.publish(s.writer.out)
	}
	for _, wr := range batch {
		if err != nil {
			wr.err = fault(wr.ctx, wr.verb, wr.room, err)
		}
		close(wr.done)
	}
}

// writer is the one connection that writes, and what is known about rooms
// between writes. Only the writer goroutine touches it, once it runs.
type writer struct {
	path  string
	now   func() time.Time
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt

	rooms   map[string]*room // as in the file, or newer in a transaction
	changed []*room          // in this transaction
	out     []announcement   // the events of this transaction
	broken  error            // the first error of SQLite in this transaction
	erased  bool             // texts may linger in the write-ahead log
}

func newWriter(path string, now func() time.Time) *writer {
	return &writer{path: path, now: now, rooms: map[string]*room{}}
}

// connect opens the connection. The pragmas: a commit is synced to the disk;
// what is deleted is overwritten; nothing is put into files in /tmp; a lock
// held by the sqlite3 tool is waited for, though not for long, as all writes
// wait with it; and the write-ahead log does not stay large.
func (w *writer) connect() error {
	db, err := sql.Open("sqlite", dsn(w.path, "busy_timeout(1000)", "journal_mode(WAL)",
		"synchronous(FULL)", "secure_delete(ON)", "temp_store(MEMORY)",
		"cache_size(-16000)", "journal_size_limit(16777216)"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err != nil {
		return errors.Join(err, db.Close())
	}
	w.db, w.conn, w.stmts = db, conn, map[string]*sql.Stmt{}
	return nil
}

func (w *writer) disconnect() error {
	if w.conn == nil {
		return nil
	}
	var errs []error
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	errs = append(errs, w.conn.Close(), w.db.Close())
	w.db, w.conn, w.stmts = nil, nil, nil
	return errors.Join(errs...)
}

// transact runs a batch in one transaction. After an error nothing of it has
// been done, as far as can be known.
func (w *writer) transact(batch []*write) error {
	if err := w.begin(); err != nil {
		return err
	}
	for _, wr := range batch {
		if wr.err = wr.ctx.Err(); wr.err != nil {
			continue
		}
		if wr.err = wr.run(w); w.broken != nil {
			break
		}
	}
	w.saveRooms()
	w.exec("COMMIT")
	if w.broken != nil {
		w.rollback()
		return w.broken
	}
	return nil
}

// begin starts a transaction on a connection that works. If it cannot, the
// state of the connection is unknown, and the next try gets a new one.
func (w *writer) begin() error {
	w.out, w.changed, w.broken = w.out[:0], w.changed[:0], nil
	if w.conn == nil {
		if err := w.connect(); err != nil {
			return err
		}
	}
	w.exec("BEGIN IMMEDIATE")
	if w.broken != nil {
		return errors.Join(w.broken, w.disconnect())
	}
	return nil
}

// rollback undoes a transaction, also in what is remembered of rooms. SQLite
// may have rolled back by itself already; then ROLLBACK fails and all is
// well. If it fails otherwise, the next BEGIN does too.
func (w *writer) rollback() {
	for _, r := range w.changed {
		delete(w.rooms, r.name)
	}
	_, _ = w.conn.ExecContext(context.Background(), "ROLLBACK")
}

// prepared is the statement of query on this connection, nil if broken.
func (w *writer) prepared(query string) *sql.Stmt {
	if w.broken != nil {
		return nil
	}
	stmt, ok := w.stmts[query]
	if !ok {
		if stmt, w.broken = w.conn.PrepareContext(context.Background(), query); w.broken != nil {
			return nil
		}
		w.stmts[query] = stmt
	}
	return stmt
}

// exec runs a statement and returns how many rows it changed. Once something
// is broken it does nothing, so that callers need not look each time.
func (w *writer) exec(query string, args ...any) int64 {
	stmt := w.prepared(query)
	if stmt == nil {
		return 0
	}
	var res sql.Result
	if res, w.broken = stmt.Exec(args...); w.broken != nil {
		return 0
	}
	var n int64
	n, w.broken = res.RowsAffected()
	return n
}

// script runs statements that are needed only once.
func (w *writer) script(script string) {
	if w.broken == nil {
		_, w.broken = w.conn.ExecContext(context.Background(), script)
	}
}

// queryRow asks for one row outside of a transaction's book-keeping.
func (w *writer) queryRow(query string) *sql.Row {
	return w.conn.QueryRowContext(context.Background(), query)
}

// find scans the one row of a query into dest; false if there is none or
// something is broken.
func (w *writer) find(query string, args []any, dest ...any) bool {
	stmt := w.prepared(query)
	if stmt == nil {
		return false
	}
	err := stmt.QueryRow(args...).Scan(dest...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		w.broken = err
	}
	return err == nil
}

// each scans every row of a query with scan. The rows are closed before it
// returns: the connection can do one thing at a time.
func (w *writer) each(query string, args []any, scan func(*sql.Rows) error) {
	stmt := w.prepared(query)
	if stmt == nil {
		return
	}
	rows, err := stmt.Query(args...)
	if err != nil {
		w.broken = err
		return
	}
	w.broken = eachRow(rows, scan)
}

// touch is a write that changes nothing anyone can see.
func (w *writer) touch() error {
	w.exec("UPDATE touched SET n = n + 1 WHERE id = 1")
	return nil
}

// scrub empties the write-ahead log after texts were erased, as it still has
// them. A long read of the sqlite3 tool can prevent that; then it is tried
// again after the next batch, and closing the file does it in any case.
func (w *writer) scrub() {
	if !w.erased || w.conn == nil {
		return
	}
	var busy, log, done int
	err := w.queryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done)
	w.erased = err != nil || busy != 0
}

// announcement is an event of a room that a commit has made true.
type announcement struct {
	room string
	ev   store.Event
}
