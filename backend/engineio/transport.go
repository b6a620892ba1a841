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

// transport carries the frames of one session.
type transport interface {
	// read returns the next frame, or why there is none. Its Data is valid
	// until the next read. One goroutine reads.
	read() (Frame, Reason)
	// write sends frames in order, those of one call together. One
	// goroutine writes.
	write(frames []Frame) error
	// expire lets reads and writes fail after t, those under way included.
	// It never blocks.
	expire(t time.Time)
	// close tells the peer the reason, as far as expire lets it, and
	// releases the transport. It comes after the last write.
	close(reason Reason)
}
