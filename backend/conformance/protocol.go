package main

import (
	"bytes"
	"context"
	"encoding/json"

	"maru/app/wire/sio"
	"maru/backend/engineio"
	"maru/backend/socketio"
)

// newProtocol is the server of the Socket.IO protocol's test suite.
func newProtocol(cfg engineio.Config) *socketio.Server {
	s := socketio.New(cfg, socketio.Options{ConnectTimeout: connectTimeout, Logger: cfg.Logger})
	for _, name := range []string{"/", "/custom"} {
		s.Of(name).OnConnect(sendAuth)
	}
	root := s.Of("/")
	root.On("message", func(_ context.Context, s *socketio.Socket, e socketio.Event) socketio.Reply {
		emitBinary(s, "message-back", e.Attachments, compact(e.Args)...)
		return socketio.Reply{}
	})
	root.On("message-with-ack", func(_ context.Context, _ *socketio.Socket, e socketio.Event) socketio.Reply {
		return socketio.Reply{Args: sio.AppendArgs(nil, compact(e.Args)...), Attachments: e.Attachments}
	})
	return s
}

// sendAuth tells a client what it has connected with.
func sendAuth(_ context.Context, s *socketio.Socket, auth json.RawMessage) ([]byte, error) {
	if auth == nil {
		auth = json.RawMessage("{}")
	}
	emit(s, "auth", compact([]json.RawMessage{auth})...)
	return nil, nil
}

// compact writes JSON as JSON.stringify does, without spaces.
func compact(args []json.RawMessage) [][]byte {
	all := make([][]byte, len(args))
	for i, arg := range args {
		var b bytes.Buffer
		if err := json.Compact(&b, arg); err != nil {
			panic(err) // the arguments of an event are valid
		}
		all[i] = b.Bytes()
	}
	return all
}

func emit(s *socketio.Socket, event string, args ...[]byte) { emitBinary(s, event, nil, args...) }

func emitBinary(s *socketio.Socket, event string, attachments [][]byte, args ...[]byte) {
	// A socket that has ended meanwhile needs no event.
	_ = s.Send(socketio.EncodeBinaryEvent(s.Namespace(), event, attachments, args...))
}
