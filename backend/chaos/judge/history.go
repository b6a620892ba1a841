// Package judge says whether the history of a run keeps the promises of
// ARCHITECTURE.md, in Jepsen's way: everything that people did and saw is
// written down with one clock, and looked at when all is over.
//
// It is pure: it knows no network, no clock and nothing of Maru but what a
// message, a room and a log are. Its cost is n log n.
package judge

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Op says what a Line tells.
type Op string

// What people do and hear. A try that is neither acked nor refused is Info: it
// may have happened or not, and is never counted as failed.
const (
	Send Op = "send" // Who writes Text into Room; ID stays the same over all tries
	Try  Op = "try"  // the message leaves for the server
	Ack  Op = "ack"  // the server says that it is stored at Seq
	Nack Op = "nack" // the server refuses it for good: Why
	Info Op = "info" // nobody knows what became of the last try

	Enter  Op = "enter"  // Who wants to be in Room
	Inside Op = "inside" // Who is in Room, as User
	Exit   Op = "exit"   // Who leaves Room, and has been told that it did
	Vanish Op = "vanish" // Who is gone without a word, from all rooms
	View   Op = "view"   // what Who is shown of Room has changed
	Heard  Op = "heard"  // a client that keeps nothing hears a line of Room; Text is empty if Admin speaks
	Anew   Op = "anew"   // such a client goes on in Room without its past
	Up     Op = "up"     // Who has a connection
	Down   Op = "down"   // Who has none
)

// What the run does.
const (
	Fault  Op = "fault"  // Why it is, Who is hit
	Heal   Op = "heal"   // that is over
	Calm   Op = "calm"   // all faults are over, and nothing more is written
	Whole  Op = "whole"  // after Calm, Who has sent everything and is shown everything
	People Op = "people" // at the end Who is shown that Users are in Room
	Log    Op = "log"    // one line of the final read of Room from Who
	End    Op = "end"    // the final read of Room from Who is complete, with Seq as its last line
)

// Line is one thing that happened. Which fields count is said at its Op.
type Line struct {
	T     time.Duration `json:"t"` // since the beginning, by the clock of whoever watches, in ns
	Op    Op            `json:"op"`
	Who   string        `json:"who,omitempty"`
	Room  string        `json:"room,omitempty"`
	ID    string        `json:"id,omitempty"`
	Text  string        `json:"text,omitempty"`
	Seq   int64         `json:"seq,omitempty"`
	Kind  string        `json:"kind,omitempty"` // of Log and Heard: "", "join" or "leave"
	User  string        `json:"user,omitempty"`
	Users []string      `json:"users,omitempty"`
	At    int64         `json:"at,omitempty"`   // of Log: when the server stored it, ms since 1970
	Wall  int64         `json:"wall,omitempty"` // of Try: the wall clock, ms since 1970
	Why   string        `json:"why,omitempty"`

	// Of View: what stands there now and did not before, what is gone, all
	// gaps that are shown now, and the highest place that is known of.
	Shown []Shown    `json:"shown,omitempty"`
	Gone  []string   `json:"gone,omitempty"` // keys
	Gaps  [][2]int64 `json:"gaps,omitempty"` // first and last seq that are missing
	Head  int64      `json:"head,omitempty"`
	Reset bool       `json:"reset,omitempty"` // it is shown that the history was lost
}

// Shown is one message as it is shown. One that changes is gone and shown anew.
type Shown struct {
	Key   string `json:"key"`
	Text  string `json:"text"`
	Seq   int64  `json:"seq,omitempty"` // 0: it has no place yet
	State string `json:"state,omitempty"`
	// Before and After are the places of its neighbours in the list, 0 if
	// there is none.
	Before int64 `json:"before,omitempty"`
	After  int64 `json:"after,omitempty"`
}

// States of what is shown. A message of the room has none.
const (
	Pending = "pending" // one's own, on its way
	Failed  = "failed"  // one's own, refused
)

// Write appends lines to w as JSON, one a line.
func Write(w io.Writer, lines []Line) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	for i := range lines {
		if err := enc.Encode(&lines[i]); err != nil {
			return err
		}
	}
	return b.Flush()
}

// Read is the inverse of Write.
func Read(r io.Reader) ([]Line, error) {
	var lines []Line
	for dec := json.NewDecoder(bufio.NewReader(r)); ; {
		var l Line
		switch err := dec.Decode(&l); err {
		case nil:
			lines = append(lines, l)
		case io.EOF:
			return lines, nil
		default:
			return nil, fmt.Errorf("line %d of the history: %w", len(lines)+1, err)
		}
	}
}
