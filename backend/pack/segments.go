package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Of the binary format of WebAssembly (core specification, section 5).
const (
	wasmPreamble = "\x00asm\x01\x00\x00\x00"
	dataSection  = 11
	activeData   = 0    // a segment at a place in memory 0
	constOf32    = 0x41 // i32.const
	endOf        = 0x0b // end of an expression
)

// maxGap is how many zero bytes between two segments are written out rather than
// beginning another one. Wider gaps than this made the download larger again.
const maxGap = 64

var errWasm = errors.New("not WebAssembly as Go's linker writes it")

// segment is what the memory holds at a place when the program starts.
type segment struct {
	at    int64
	bytes []byte
}

// joinSegments returns the same program with the segments of its memory joined
// wherever there are only a few zero bytes between them. Go's linker leaves out each run
// of a few zeros, of which its table of functions is full: that makes 100,000 segments,
// each with its place, and those hardly compress. The memory starts the same, since all
// of it is zero before.
func joinSegments(wasm []byte) ([]byte, error) {
	if len(wasm) < len(wasmPreamble) || string(wasm[:len(wasmPreamble)]) != wasmPreamble {
		return nil, errWasm
	}
	out := append(make([]byte, 0, len(wasm)*5/4), wasmPreamble...)
	for rest := wasm[len(wasmPreamble):]; len(rest) > 0; {
		id := rest[0]
		body, after, err := vector(rest[1:])
		if err != nil {
			return nil, err
		}
		if id == dataSection {
			segments, err := readSegments(body)
			if err != nil {
				return nil, err
			}
			body = appendSegments(nil, join(segments))
		}
		out = appendVector(append(out, id), body)
		rest = after
	}
	return out, nil
}

// join joins segments, which lie one after the other, over gaps of maxGap.
func join(segments []segment) []segment {
	var joined []segment
	for _, s := range segments {
		if last := len(joined) - 1; last >= 0 {
			before := &joined[last]
			end := before.at + int64(len(before.bytes))
			if gap := s.at - end; gap >= 0 && gap <= maxGap {
				before.bytes = append(append(before.bytes, make([]byte, gap)...), s.bytes...)
				continue
			}
		}
		joined = append(joined, segment{s.at, slices.Clone(s.bytes)})
	}
	return joined
}

func readSegments(b []byte) ([]segment, error) {
	count, b, err := unsigned(b)
	if err != nil {
		return nil, err
	}
	var segments []segment
	for range count {
		if len(b) < 2 || b[0] != activeData || b[1] != constOf32 {
			return nil, fmt.Errorf("%w: a segment without a fixed place", errWasm)
		}
		var s segment
		if s.at, b, err = signed(b[2:]); err != nil {
			return nil, err
		}
		if len(b) == 0 || b[0] != endOf || s.at < 0 {
			return nil, fmt.Errorf("%w: a segment at an expression", errWasm)
		}
		if s.bytes, b, err = vector(b[1:]); err != nil {
			return nil, err
		}
		segments = append(segments, s)
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%w: more than its segments", errWasm)
	}
	return segments, nil
}

func appendSegments(b []byte, segments []segment) []byte {
	b = binary.AppendUvarint(b, uint64(len(segments)))
	for _, s := range segments {
		b = appendSigned(append(b, activeData, constOf32), s.at)
		b = appendVector(append(b, endOf), s.bytes)
	}
	return b
}

// vector reads bytes that stand after their number.
func vector(b []byte) (body, rest []byte, err error) {
	size, b, err := unsigned(b)
	if err != nil || size > uint64(len(b)) {
		return nil, nil, fmt.Errorf("%w: it ends early", errWasm)
	}
	return b[:size], b[size:], nil
}

func appendVector(b, body []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(body))), body...)
}

func unsigned(b []byte) (n uint64, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 {
		return 0, nil, fmt.Errorf("%w: no number", errWasm)
	}
	return n, b[size:], nil
}

// signed reads a number of 32 bits as LEB128, whose last byte's second bit is the sign.
func signed(b []byte) (n int64, rest []byte, err error) {
	bits, rest, err := unsigned(b)
	size := len(b) - len(rest)
	if err != nil || size > 5 {
		return 0, nil, fmt.Errorf("%w: no number of 32 bits", errWasm)
	}
	n = int64(bits)
	if b[size-1]&0x40 != 0 {
		n -= 1 << (7 * size)
	}
	return n, rest, nil
}

// appendSigned appends a number that is not below zero.
func appendSigned(b []byte, n int64) []byte {
	for n >= 0x40 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}
