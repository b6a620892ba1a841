package server

import (
	"context"
	"encoding/json"

	"maru/app/wire/event"
	"maru/app/wire/sio"
	"maru/app/wire/text"
	"maru/backend/socketio"
)

// bindEcho makes a namespace a mirror: it says that the connection stands, and
// answers what it is told.
func bindEcho(ns *socketio.Namespace, lang text.Lang, l *limits) {
	say := func(s *socketio.Socket, words string) {
		s.Send(socketio.EncodeEvent(event.Echo, event.Message, sio.AppendString(nil, words)))
	}
	ns.OnConnect(func(_ context.Context, s *socketio.Socket, _ json.RawMessage) ([]byte, error) {
		if err := l.connect(s, lang); err != nil {
			return nil, err
		}
		say(s, text.Admin(lang, event.KindNotice, "", ""))
		return nil, nil
	})
	ns.On(event.Send, func(_ context.Context, s *socketio.Socket, e socketio.Event) socketio.Reply {
		if over := l.count(s); over != nil {
			return refuseAck(lang, over)
		}
		var words string
		if len(e.Args) == 0 || json.Unmarshal(e.Args[0], &words) != nil {
			return socketio.Reply{Args: refuse(&event.Error{Code: event.BadRequest, Message: text.Refusal(lang, event.BadRequest)})}
		}
		say(s, lang.T(text.AdminEcho, words))
		return socketio.Reply{Args: accept(nil)}
	})
	ns.OnOther(func(_ context.Context, s *socketio.Socket, _ socketio.Event) socketio.Reply {
		if over := l.count(s); over != nil {
			return refuseAck(lang, over)
		}
		return socketio.Reply{Args: refuse(&event.Error{Code: event.UnknownEvent, Message: text.Refusal(lang, event.UnknownEvent)})}
	})
}
