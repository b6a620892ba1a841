package engineio

import "time"

// Frame is one complete Engine.IO frame, ready for the wire: a text frame
// with its type byte, or the bare bytes of a binary message. It is never
// changed once it was sent, so that many sessions may share its Data.
type Frame struct {
	Binary bool
	Data   []byte
}

// frameCost is what a frame counts in a queue beside its bytes, so that empty
// frames can't pile up.
const frameCost = 64

// transport carries the frames of one session. Its methods are called under
// the session's mutex, but for read, write and close.
type transport interface {
	// read returns the next frame, or why there is none. Its Data is valid
	// until the next read. One goroutine reads. The reason is replaced once
	// the session is closed or has another transport.
	read() (Frame, Reason)
	// ready tells whether a write would begin at once, be it to fail.
	ready() bool
	// reserve tells how many of frames the write that must follow takes; 0
	// means that none may follow, since the transport is not ready.
	reserve(frames []Frame) int
	// write sends frames in order, those of one call together. One
	// goroutine writes.
	write(frames []Frame) error
	// farewell begins the end: from now on it is bounded how long reads and
	// writes may take. If a last frame tells the peer, it returns that.
	farewell(reason Reason) (last Frame, ok bool)
	// expire lets reads and writes fail after t, those under way included;
	// the zero time is never. It never blocks.
	expire(t time.Time)
	// close tells the peer the reason, as far as expire lets it, and
	// releases the transport. It comes after the last write.
	close(reason Reason)
}

// replaced is read's reason when nothing more is to be read there.
const replaced Reason = "replaced"
