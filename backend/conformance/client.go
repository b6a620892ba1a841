package main

import (
	"context"
	"encoding/json"
	"time"

	"maru/app/wire/sio"
	"maru/backend/engineio"
	"maru/backend/socketio"
)

// What the client's suite expects of the timings; the rest is the reference
// implementation's default.
const (
	clientPingInterval   = 2 * time.Second
	clientPingTimeout    = 20 * time.Second
	clientConnectTimeout = 45 * time.Second
	handshakeDelay       = 10 * time.Millisecond
)

// clientState is a socket's Data.
type clientState struct {
	auth      json.RawMessage
	sawBuffer bool
	sawFirst  bool // of three blobs
	sawSecond bool
}

// newClient is the server of the test suite of the JavaScript client.
func newClient(cfg engineio.Config) *socketio.Server {
	cfg.PingInterval, cfg.PingTimeout = clientPingInterval, clientPingTimeout
	s := socketio.New(cfg, socketio.Options{ConnectTimeout: clientConnectTimeout, Logger: cfg.Logger})
	for _, name := range []string{"/", "/foo", "/timeout_socket", "/valid", "/asd", "/abc"} {
		s.Of(name).OnConnect(enter)
	}
	s.Of("/no").OnConnect(func(context.Context, *socketio.Socket, json.RawMessage) ([]byte, error) {
		return nil, &socketio.Refusal{Message: "Auth failed (custom namespace)"}
	})
	s.Of("/foo").On("getId", answer(socketID))
	bindPlain(s.Of("/"))
	bindBinary(s.Of("/"))
	return s
}

func enter(_ context.Context, s *socketio.Socket, auth json.RawMessage) ([]byte, error) {
	if auth == nil {
		auth = json.RawMessage("{}")
	}
	s.Data = &clientState{auth: append(json.RawMessage(nil), auth...)}
	switch s.Namespace() {
	case "/":
		if s.Query().Get("fail") != "" {
			return nil, &socketio.Refusal{Message: "Auth failed (main namespace)"}
		}
	case "/abc":
		emit(s, "handshake", handshake(s))
	}
	return nil, nil
}

// handshake describes the request that opened the session, as the reference
// implementation does.
func handshake(s *socketio.Socket) []byte {
	query := map[string]any{}
	for key, values := range s.Query() {
		query[key] = values
		if len(values) == 1 {
			query[key] = values[0]
		}
	}
	data, err := json.Marshal(map[string]any{
		"address": s.RemoteAddr(), "query": query, "auth": s.Data.(*clientState).auth, "time": now(), "xdomain": false,
	})
	if err != nil {
		panic(err) // strings and valid JSON always marshal
	}
	return data
}

// now is the time as JavaScript writes a Date.
func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

func nowJSON(*socketio.Socket) []byte { return sio.AppendString(nil, now()) }

func socketID(s *socketio.Socket) []byte { return sio.AppendString(nil, s.ID()) }

// answer handles an event whose ack has one value.
func answer(value func(*socketio.Socket) []byte) socketio.Handler {
	return func(_ context.Context, s *socketio.Socket, _ socketio.Event) socketio.Reply {
		return socketio.Reply{Args: sio.AppendArgs(nil, value(s))}
	}
}

// then handles an event by another one, or by several.
func then(send func(s *socketio.Socket, e socketio.Event)) socketio.Handler {
	return func(_ context.Context, s *socketio.Socket, e socketio.Event) socketio.Reply {
		send(s, e)
		return socketio.Reply{}
	}
}

func bindPlain(n *socketio.Namespace) {
	n.On("hi", then(func(s *socketio.Socket, _ socketio.Event) { emit(s, "hi") }))
	n.On("echo", func(_ context.Context, _ *socketio.Socket, e socketio.Event) socketio.Reply {
		return socketio.Reply{Args: sio.AppendArgs(nil, compact(e.Args[:min(1, len(e.Args))])...), Attachments: e.Attachments}
	})
	n.On("ack", func(ctx context.Context, s *socketio.Socket, _ socketio.Event) socketio.Reply {
		go callBack(ctx, s) // its ack is read by this goroutine
		return socketio.Reply{}
	})
	n.On("getAckDate", answer(nowJSON))
	n.On("getDate", then(func(s *socketio.Socket, _ socketio.Event) { emit(s, "takeDate", nowJSON(s)) }))
	n.On("getDateObj", then(func(s *socketio.Socket, _ socketio.Event) {
		emit(s, "takeDateObj", []byte(`{"date":"`+now()+`"}`))
	}))
	n.On("getUtf8", then(func(s *socketio.Socket, _ socketio.Event) {
		for _, text := range []string{"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"} {
			emit(s, "takeUtf8", sio.AppendString(nil, text))
		}
	}))
	n.On("false", then(func(s *socketio.Socket, _ socketio.Event) { emit(s, "false", []byte("false")) }))
	n.On("getHandshake", answer(handshake))
	n.On("getId", answer(socketID))
}

// callBack asks the client, which must answer 5 and {test: true}.
func callBack(ctx context.Context, s *socketio.Socket) {
	args, err := s.Call(ctx, "ack")
	if err != nil || len(args) != 2 || string(args[0]) != "5" {
		return
	}
	if o, err := sio.ParseObject(args[1]); err == nil && string(o["test"]) == "true" {
		emit(s, "got it")
	}
}

// placeholder stands for the first attachment.
var placeholder = []byte(`{"_placeholder":true,"num":0}`)

func bindBinary(n *socketio.Namespace) {
	for event, reply := range map[string]string{"doge": "doge", "getbin": "takebin"} {
		n.On(event, then(func(s *socketio.Socket, _ socketio.Event) {
			emitBinary(s, reply, [][]byte{[]byte("asdfasdf")}, placeholder)
		}))
	}
	for event, reply := range map[string]string{"buffa": "buffack", "blob": "back"} {
		n.On(event, then(func(s *socketio.Socket, e socketio.Event) {
			if len(e.Args) == 1 && isAttachment(e, e.Args[0]) {
				emit(s, reply)
			}
		}))
	}
	for event, reply := range map[string]string{"jsonbuff": "jsonbuff-ack", "jsonblob": "jsonblob-ack"} {
		n.On(event, then(func(s *socketio.Socket, e socketio.Event) {
			if len(e.Args) == 1 && isMixed(e) {
				emit(s, reply)
			}
		}))
	}
	bindOrdered(n)
}

// bindOrdered handles events that must come in their order.
func bindOrdered(n *socketio.Namespace) {
	n.On("abuff1", then(func(s *socketio.Socket, e socketio.Event) {
		s.Data.(*clientState).sawBuffer = len(e.Attachments) == 1
	}))
	n.On("abuff2", then(func(s *socketio.Socket, _ socketio.Event) {
		if s.Data.(*clientState).sawBuffer {
			emit(s, "abuff2-ack")
		}
	}))
	n.On("blob1", then(func(s *socketio.Socket, e socketio.Event) {
		s.Data.(*clientState).sawFirst = len(e.Attachments) == 1
	}))
	n.On("blob2", then(func(s *socketio.Socket, e socketio.Event) {
		state := s.Data.(*clientState)
		state.sawSecond = state.sawFirst && len(e.Args) == 1 && string(e.Args[0]) == `"second"`
	}))
	n.On("blob3", then(func(s *socketio.Socket, e socketio.Event) {
		if s.Data.(*clientState).sawSecond && len(e.Attachments) == 1 {
			emit(s, "blob3-ack")
		}
	}))
}

// isAttachment tells whether arg stands for the one attachment.
func isAttachment(e socketio.Event, arg json.RawMessage) bool {
	o, err := sio.ParseObject(arg)
	return err == nil && len(e.Attachments) == 1 && string(o["_placeholder"]) == "true" && string(o["num"]) == "0"
}

// isMixed tells whether the argument is the suite's object with an attachment.
func isMixed(e socketio.Event) bool {
	o, err := sio.ParseObject(e.Args[0])
	return err == nil && string(o["hello"]) == `"lol"` && string(o["goodbye"]) == `"gotcha"` && isAttachment(e, o["message"])
}
