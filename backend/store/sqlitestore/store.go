// Package sqlitestore keeps rooms and notes in one SQLite file, for a server
// that is one process on one machine.
//
// It promises the laws of package store with Durability Disk: what a call has
// reported as done was synced to the disk and survives kill -9 and loss of
// power. All writes go through one goroutine, which commits whatever is
// waiting together, so many writers share one sync. Reads run beside it on
// their own connections and see whole commits only.
//
// Sessions are kept in memory and live as long as the process: no other one can
// serve them, and a client whose session is gone begins a new one.
//
// It must not know chat rules or sockets. The format is SQLite's
// (https://sqlite.org/fileformat2.html), with a write-ahead log
// (https://sqlite.org/wal.html); the sqlite3 tool can read and back up the
// file while the server runs.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"maru/backend/store"
	"maru/backend/store/memsessions"
)

// readConns is how many reads run at once; more wait for their turn.
const readConns = 4

// defaultGrace is the Grace of zero Options.
const defaultGrace = 10 * time.Second

var errClosed = fmt.Errorf("sqlitestore: closed: %w", store.ErrUnavailable)

// Options are the settings of a Store. The zero value is ready for use.
type Options struct {
	// Now is the clock; nil means time.Now. It must be safe for concurrent
	// use. Leases follow its monotonic reading if it has one, so that a step
	// of the wall clock ends none of them; notes follow the wall clock.
	Now func() time.Time

	// Grace is how long the connections of an earlier process stay in their
	// rooms after Open, at most; zero means 10 seconds. Only one process has
	// the file, so at Open every lease belongs to a dead one. People who
	// come back in this time have never left.
	Grace time.Duration
}

// Store is a store.Store in a file. Use Open to make one.
type Store struct {
	*memsessions.Sessions

	now    func() time.Time
	anchor time.Time // lease times are counted from here

	lock    *sql.DB // holds the side file, see lockFile
	readers *sql.DB
	queries map[string]*sql.Stmt // what the readers ask, prepared

	writer  *writer
	queue   chan *write
	failing atomic.Bool // the last commit failed
	feeds   feeds
	signals signals

	reading sync.RWMutex  // held for reading by every read, so that Close waits for them
	quit    chan struct{} // closed by Close
	done    chan struct{} // closed when the writer has ended
	close   func() error
}

var _ store.Store = (*Store)(nil)

// Open opens the file at path, which it makes if need be, with its folder.
// The Store has the file for itself: if another one has it, in this process
// or another, Open fails at once.
func Open(path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	path, err := prepare(path)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: %w", err)
	}
	lock, err := lockFile(path)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: %w", err)
	}
	s := &Store{
		Sessions: memsessions.New(o.Now),
		now:      o.Now,
		anchor:   o.Now(),
		lock:     lock,
		queue:    make(chan *write, maxBatch),
		quit:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	s.close = sync.OnceValue(s.shut)
	if err := s.start(path, o.Grace); err != nil {
		return nil, fmt.Errorf("sqlitestore: %s: %w", path, errors.Join(err, s.release()))
	}
	go s.run()
	return s, nil
}

// prepare makes the folder of path and returns the path of the file itself:
// two names of one file must lead to one lock.
func prepare(path string) (string, error) {
	if path == "" {
		return "", errors.New("the path is empty")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	// SQLite would make the file readable to everybody on the machine; what is
	// said in rooms is for those in them.
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// start opens the connections and readies the data.
func (s *Store) start(path string, grace time.Duration) error {
	s.writer = newWriter(path, s.now)
	if err := s.writer.connect(); err != nil {
		return err
	}
	if err := s.writer.migrate(); err != nil {
		return err
	}
	if err := s.writer.indexAll(); err != nil {
		return err
	}
	if err := s.writer.shortenLeases(s.leaseNow() + grace.Milliseconds()); err != nil {
		return err
	}
	var err error
	s.readers, s.queries, err = openReaders(path)
	return err
}

// Durability implements store.Store: a commit has been synced to the disk.
func (s *Store) Durability() store.Durability { return store.Disk }

// Ping implements store.Store. While all is well it reads; once a commit has
// failed it writes, so that it notices when there is room again, even if
// nobody else tries.
func (s *Store) Ping(ctx context.Context) error {
	if s.failing.Load() {
		return s.do(ctx, "ping", "", (*writer).touch)
	}
	return s.read(ctx, "ping", "", func(snapshot) error { return nil })
}

// Close implements store.Store.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	s.Sessions.Close()
	close(s.quit)
	<-s.done
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.release()
}

// release closes the files. The lock goes last, so that nobody else opens the
// data while it is still being closed.
func (s *Store) release() error {
	var errs []error
	for _, q := range s.queries {
		errs = append(errs, q.Close())
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.disconnect())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// leaseNow is the time that leases are measured by, in milliseconds. It counts
// from anchor by the monotonic clock.
func (s *Store) leaseNow() int64 {
	return s.anchor.Add(s.now().Sub(s.anchor)).UnixMilli()
}

// leaseTime is the time on the clock at which a lease ends.
func (s *Store) leaseTime(ends int64) time.Time {
	left := ends - s.leaseNow()
	return s.now().Add(time.Duration(left) * time.Millisecond)
}

// fault is the error of a call that failed through no refusal. If ctx has
// ended, that is the reason, whatever SQLite made of it.
func fault(ctx context.Context, verb, room string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("sqlitestore: %s %q: %w: %w", verb, room, store.ErrUnavailable, err)
}
