package redisstore

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"maru/backend/store"
)

// errBroken: what Redis answered is nothing that a script of ours made.
var errBroken = errors.New("an answer that makes no sense")

// cutInt reads a number and the blank after it.
func cutInt(s string) (n int64, rest string, err error) {
	digits, rest, ok := strings.Cut(s, " ")
	if n, err = strconv.ParseInt(digits, 10, 64); err != nil || !ok {
		return 0, "", errBroken
	}
	return n, rest, nil
}

// cut reads n bytes.
func cut(s string, n int64) (head, rest string, err error) {
	if n < 0 || n > int64(len(s)) {
		return "", "", errBroken
	}
	return s[:n], s[n:], nil
}

// parseEntry reads an entry of the log; lua/event.lua says how it is written.
func parseEntry(seq int64, s string) (ev store.Event, erased bool, err error) {
	kind, s, ok := strings.Cut(s, " ")
	if erased = strings.HasSuffix(kind, "!"); !ok || len(strings.TrimSuffix(kind, "!")) != 1 {
		return ev, false, errBroken
	}
	var n [5]int64 // time, target, the edit before, the lengths of author and ID
	for i := range n {
		if n[i], s, err = cutInt(s); err != nil {
			return ev, false, err
		}
	}
	ev = store.Event{Seq: seq, At: time.UnixMilli(n[0]).UTC()}
	ev.Kind, ev.Target = store.Kind(kind[0]), n[1]
	if ev.Author, s, err = cut(s, n[3]); err == nil {
		ev.ID, s, err = cut(s, n[4])
	}
	if len(s) > 0 {
		ev.Body = []byte(s)
	}
	return ev, erased, err
}

// frame is what a channel carries of an event: before is the place before it.
type frame struct {
	before store.Pos
	ev     store.Event
}

func parseFrame(s string) (f frame, err error) {
	epoch, s, ok := strings.Cut(s, " ")
	if !ok {
		return f, errBroken
	}
	seq, s, err := cutInt(s)
	if err != nil {
		return f, err
	}
	n, s, err := cutInt(s)
	if err != nil {
		return f, err
	}
	id, s, err := cut(s, n)
	if err != nil {
		return f, err
	}
	f.before = store.Pos{Epoch: epoch, Seq: seq - 1, ID: id}
	if seq == 1 {
		f.before = store.Pos{Epoch: epoch}
	}
	f.ev, _, err = parseEntry(seq, s)
	return f, err
}

// parseList reads a list of strings, each with its length before it.
func parseList(s string) (all []string, err error) {
	for s != "" {
		digits, rest, ok := strings.Cut(s, ":")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || !ok {
			return nil, errBroken
		}
		var one string
		if one, s, err = cut(rest, n); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// escape has no line feed in what it makes; unescape is its inverse.
var (
	escape   = strings.NewReplacer("%", "%25", "\n", "%0A")
	unescape = strings.NewReplacer("%25", "%", "%0A", "\n")
)

// texts is an answer that is an array of at least n strings and numbers, as
// strings.
func texts(value any, n int) ([]string, error) {
	array, ok := value.([]any)
	if !ok || len(array) < n {
		return nil, fmt.Errorf("%w: %d parts", errBroken, len(array))
	}
	all := make([]string, len(array))
	for i, part := range array {
		switch part := part.(type) {
		case string:
			all[i] = part
		case int64:
			all[i] = strconv.FormatInt(part, 10)
		default:
			return nil, fmt.Errorf("%w: part %d is a %T", errBroken, i, part)
		}
	}
	return all, nil
}

// numbers reads strings that are whole numbers.
func numbers(all ...string) ([]int64, error) {
	ns := make([]int64, len(all))
	for i, s := range all {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, errBroken
		}
		ns[i] = n
	}
	return ns, nil
}
