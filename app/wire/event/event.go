// Package event is the chat's part of the wire: the names of the events, their
// payloads, their limits and the codes of refusals, for both ends.
//
// It promises that what it parses is bounded and valid, and that what it
// appends is read back as it was. It knows no socket, no clock and no store.
package event

import "time"

// Namespaces of the chat's Socket.IO endpoint.
const (
	Chat = "/"     // the rooms
	Echo = "/echo" // a mirror, for tests and for looking at a connection
)

// Path is where Engine.IO is served.
const Path = "/socket.io/"

// Names of the events that a client sends.
const (
	Join    = "join"
	Leave   = "leave"
	Send    = "message"
	History = "history"
	Search  = "search"
	Peek    = "peek"
	Pass    = "pass"
	Redeem  = "redeem"
)

// Names of the events that the server sends.
const (
	Message  = "message"
	RoomData = "roomData"
)

// Names of the events that a client asks for and the server tells of.
const (
	Edit   = "edit"
	Delete = "delete"
	React  = "react"
	Typing = "typing" // never stored, and lost rather than late
	Read   = "read"   // told to the same person's other connections alone
)

// Admin is the name under which the server speaks. Nobody else can have it.
const Admin = "Admin"

// Kind tells a message that Admin speaks from one that a person wrote, so that
// a client can say it in its own language.
type Kind string

// The kinds of a message. A person's message has none on the wire.
const (
	KindText    Kind = ""
	KindWelcome Kind = "welcome" // to the newcomer alone; not of the log, so without seq
	KindJoin    Kind = "join"    // Name came in
	KindLeave   Kind = "leave"   // Name went away
	KindNotice  Kind = "notice"  // what the echo namespace says of itself
	KindEdit    Kind = "edit"    // of a Change, as the rest
	KindDelete  Kind = "delete"
	KindReact   Kind = "react"
	KindUnreact Kind = "unreact"
)

// Limits, for both ends. Runes are Unicode code points.
const (
	MaxName      = 24               // runes of a person's name
	MaxRoom      = 40               // runes of a room's name
	MaxText      = 4000             // runes of a message
	MaxTextBytes = 16_000           // bytes of a message
	MaxID        = 64               // bytes of a message's id
	MaxCursor    = 256              // bytes of a cursor
	MaxPass      = 256              // bytes of a pass
	PassTime     = 10 * time.Minute // how long a pass is good
	MaxToken     = 200              // bytes of a token
	MaxRooms     = 10               // that one connection is in at a time
	MaxPage      = 100              // posts of one history page
	MaxUsers     = 200              // people listed in one roomData; its count is not cut
	MaxMissed    = 500              // events that a join sends again; beyond that it says Skipped
	MaxEmoji     = 64               // bytes of a reaction
	MaxSearch    = 200              // bytes of what is looked for
	MaxFound     = 50               // posts of one answer to a search
)

// TypingFor is how long it counts that somebody writes, unless it is said again.
const TypingFor = 6 * time.Second
