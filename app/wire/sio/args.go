package sio

import "encoding/json"

// Limits of a JSON payload, for both ends.
const (
	MaxDepth = 32
	MaxArgs  = 16 // of an event, its name not counted, or of an ack
)

// check tells whether the payload has the shape that the type asks for.
func (p *Packet) check() error {
	if !bounded(p.Data) {
		return ErrPayload
	}
	switch p.Type {
	case Connect, Disconnect, ConnectError:
		return p.checkConnection()
	case Ack, BinaryAck:
		if p.ID == NoID {
			return ErrID
		}
	}
	if len(p.Data) < 2 || p.Data[0] != '[' {
		return ErrPayload
	}
	return nil
}

// checkConnection is check for the packets that open and end a namespace: none
// has an ack id, and their payload is an object or (of an error) a string.
func (p *Packet) checkConnection() error {
	if p.ID != NoID {
		return ErrID
	}
	if len(p.Data) == 0 {
		if p.Type == ConnectError {
			return ErrPayload
		}
		return nil
	}
	object := p.Data[0] == '{' && p.Type != Disconnect
	text := p.Data[0] == '"' && p.Type == ConnectError
	if !object && !text || !json.Valid(p.Data) {
		return ErrPayload
	}
	return nil
}

// Args splits the payload of an ack into its arguments, each raw JSON that
// aliases data.
func Args(data []byte) ([]json.RawMessage, error) {
	if !bounded(data) || !json.Valid(data) {
		return nil, ErrPayload
	}
	i := space(data, 0)
	if data[i] != '[' {
		return nil, ErrPayload
	}
	args := make([]json.RawMessage, 0, 4)
	for i = space(data, i+1); data[i] != ']'; {
		if len(args) == MaxArgs+1 {
			return nil, ErrPayload
		}
		end := value(data, i)
		args = append(args, json.RawMessage(data[i:end:end]))
		if i = space(data, end); data[i] == ',' {
			i = space(data, i+1)
		}
	}
	return args, nil
}

// EventArgs splits the payload of an event into its name and its arguments.
// The name must be a string and none of those that the specification's
// implementations keep for themselves ("connect", "disconnect" and so on).
func EventArgs(data []byte) (name string, args []json.RawMessage, err error) {
	args, err = Args(data)
	if err != nil || len(args) == 0 {
		return "", nil, ErrPayload
	}
	if name, err = unquote(args[0]); err != nil || Reserved(name) {
		return "", nil, ErrPayload
	}
	return name, args[1:], nil
}

// Reserved tells whether an event may not have this name, because the stock
// implementations give it a meaning of their own and refuse it.
func Reserved(name string) bool {
	switch name {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}
