package sio

import (
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"
)

// MaxKeys is how many keys ParseObject takes.
const MaxKeys = 256

// Errors of Object.
var (
	ErrObject = errors.New("sio: not a JSON object, or a key stands in it twice")
	ErrField  = errors.New("sio: a value of the object has the wrong type")
)

// Object is a JSON object of which nothing but the keys has been decoded. Its
// keys are the exact ones: encoding/json would take "ROOM" and "Room" for
// "room" as well. The values alias what was parsed. The methods take null for
// a key that is not there, as most languages' encoders mean it.
type Object map[string]json.RawMessage

// ParseObject reads one JSON object that nests no deeper than MaxDepth and has
// no more than MaxKeys keys. A key that comes twice is an error, so that
// nobody can read another value than the one that was checked.
func ParseObject(data json.RawMessage) (Object, error) {
	if !bounded(data) || !utf8.Valid(data) || !json.Valid(data) {
		return nil, ErrObject
	}
	i := space(data, 0)
	if data[i] != '{' {
		return nil, ErrObject
	}
	o := Object{}
	for i = space(data, i+1); data[i] != '}'; {
		end := quoted(data, i)
		key, err := unquote(data[i:end])
		if err != nil || len(o) == MaxKeys {
			return nil, ErrObject
		}
		if _, twice := o[key]; twice {
			return nil, ErrObject
		}
		i = space(data, space(data, end)+1) // past the colon
		end = value(data, i)
		o[key] = data[i:end:end]
		if i = space(data, end); data[i] == ',' {
			i = space(data, i+1)
		}
	}
	return o, nil
}

// get returns the value of key, unless it is not there or null.
func (o Object) get(key string) (json.RawMessage, bool) {
	raw, ok := o[key]
	return raw, ok && string(raw) != "null"
}

// String returns the string that stands at key. ok tells that there is one;
// err is ErrField for a value that is no string.
func (o Object) String(key string) (s string, ok bool, err error) {
	raw, ok := o.get(key)
	if !ok {
		return "", false, nil
	}
	if s, err = unquote(raw); err != nil {
		return "", false, ErrField
	}
	return s, true, nil
}

// Int returns the integer that stands at key. ok tells that there is one; err
// is ErrField for a fraction, an exponent, a number that JavaScript could not
// count exactly, and for every other value.
func (o Object) Int(key string) (n int64, ok bool, err error) {
	raw, ok := o.get(key)
	if !ok {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n > maxID || n < -maxID {
		return 0, false, ErrField
	}
	return n, true, nil
}

// Bool returns the true or false that stands at key. ok tells that there is
// one; err is ErrField for every other value.
func (o Object) Bool(key string) (b, ok bool, err error) {
	raw, ok := o.get(key)
	switch {
	case !ok:
		return false, false, nil
	case string(raw) == "true":
		return true, true, nil
	case string(raw) == "false":
		return false, true, nil
	}
	return false, false, ErrField
}
