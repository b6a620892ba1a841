package sio

import "encoding/json"

// bounded tells whether data nests no deeper than MaxDepth. It allocates
// nothing, so that a hostile payload costs nothing.
func bounded(data []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == '[' || c == '{':
			if depth++; depth > MaxDepth {
				return false
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return true
}

// value returns the end of the JSON value that starts at i. data must be valid
// JSON.
func value(data []byte, i int) (end int) {
	switch data[i] {
	case '"':
		return quoted(data, i)
	case '[', '{':
		return nested(data, i)
	}
	for i < len(data) {
		switch data[i] {
		case ',', ']', '}', ':', ' ', '\t', '\n', '\r':
			return i
		}
		i++
	}
	return i
}

// quoted returns the end of the string that starts at i.
func quoted(data []byte, i int) (end int) {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// nested returns the end of the array or object that starts at i.
func nested(data []byte, i int) (end int) {
	for depth := 0; ; i++ {
		switch data[i] {
		case '"':
			i = quoted(data, i) - 1
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// space returns the first index from i on that holds no white space.
func space(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r') {
		i++
	}
	return i
}

// unquote decodes a JSON string; anything else is ErrPayload.
func unquote(raw json.RawMessage) (s string, err error) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", ErrPayload
	}
	for i := 1; i < len(raw)-1; i++ {
		if raw[i] == '\\' {
			if json.Unmarshal(raw, &s) != nil {
				return "", ErrPayload
			}
			return s, nil
		}
	}
	return string(raw[1 : len(raw)-1]), nil
}
