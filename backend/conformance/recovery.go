package main

import (
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"maru/app/wire/sio"
	"maru/backend/socketio"
)

// What is kept of a client, as the reference implementation does by default.
const (
	keepFor  = 2 * time.Minute
	keepMost = 1000 // packets of one client
)

// recovery keeps what was sent to each client, so that one that lost its
// connection gets what it missed (Socket.IO's connection state recovery). The
// product does it from the rooms' logs; this is for the test suite alone.
type recovery struct {
	mu    sync.Mutex
	stays map[string]*stay // by pid
}

// stay is one client over its connections. Guarded by recovery.mu.
type stay struct {
	id      string // of its sockets
	used    time.Time
	next    int
	packets []socketio.Packet // the last of them, numbered up to next
}

// enter begins a stay, or goes on with the one that auth names. missed is what
// the client has not heard.
func (r *recovery) enter(s *socketio.Socket, auth json.RawMessage) (pid string, missed []socketio.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for pid, st := range r.stays {
		if time.Since(st.used) > keepFor {
			delete(r.stays, pid)
		}
	}
	o, _ := sio.ParseObject(auth) // a client may send what it likes
	pid, _, _ = o.String("pid")
	offset, _, _ := o.String("offset")
	heard, err := strconv.Atoi(offset)
	st := r.stays[pid]
	if st == nil || err != nil || heard < st.next-len(st.packets) || heard > st.next {
		st = &stay{id: s.ID()}
		pid = "pid-" + s.ID()
		r.stays[pid] = st
	} else {
		missed = st.packets[len(st.packets)-(st.next-heard):]
	}
	st.used = time.Now()
	s.SetID(st.id)
	return pid, missed
}

// keep encodes an event with its number, which is its offset, and keeps it.
func (r *recovery) keep(pid string, s *socketio.Socket, event string, attachments [][]byte, args [][]byte) socketio.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	st := r.stays[pid]
	if st == nil { // it was away for too long
		return socketio.EncodeBinaryEvent(s.Namespace(), event, attachments, args...)
	}
	st.next++
	args = append(args[:len(args):len(args)], sio.AppendString(nil, strconv.Itoa(st.next)))
	p := socketio.EncodeBinaryEvent(s.Namespace(), event, attachments, args...)
	st.packets = append(st.packets, p)
	st.packets = st.packets[max(len(st.packets)-keepMost, 0):]
	return p
}
