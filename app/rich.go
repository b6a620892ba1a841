package app

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pieceKind says how a piece of a message is shown.
type pieceKind byte

const (
	piecePlain pieceKind = iota
	pieceLink            // an address of http or https
	pieceCode            // between single back quotes, on one line
	pieceBlock           // between lines of three back quotes
)

type piece struct {
	kind pieceKind
	text string
}

// maxPieces bounds what one message can ask the page to make.
const maxPieces = 100

const fence = "```"

// pieces cuts a message into what is shown in different ways. Put together
// they are the message, but for the quotes of code.
func pieces(message string) []piece {
	var out []piece
	for len(out) < maxPieces {
		start := strings.Index(message, fence)
		if start < 0 {
			break
		}
		body, rest, ok := strings.Cut(message[start+len(fence):], fence)
		body = blockBody(body)
		if !ok || strings.TrimSpace(body) == "" {
			break
		}
		out = inline(out, strings.TrimSuffix(message[:start], "\n"))
		out = append(out, piece{pieceBlock, body})
		message = strings.TrimPrefix(rest, "\n")
	}
	return inline(out, message)
}

// blockBody takes the name of a language and the line breaks at the ends away.
func blockBody(s string) string {
	first, rest, ok := strings.Cut(s, "\n")
	if ok && !strings.ContainsFunc(strings.TrimRight(first, "\r"), notLanguage) {
		s = rest
	}
	return strings.TrimRight(s, "\r\n")
}

func notLanguage(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+-#._", r)
}

// inline cuts text without blocks.
func inline(out []piece, s string) []piece {
	for from := 0; len(out) < maxPieces; {
		open := strings.IndexByte(s[from:], '`') + from
		if open < from {
			break
		}
		code, after, closed := strings.Cut(s[open+1:], "`")
		if !closed {
			break
		}
		if strings.TrimSpace(code) == "" || strings.Contains(code, "\n") {
			from = open + 1
			continue
		}
		out = append(links(out, s[:open]), piece{pieceCode, code})
		s, from = after, 0
	}
	return links(out, s)
}

// links cuts plain text into addresses and what is between them.
func links(out []piece, s string) []piece {
	from := 0
	for len(out) < maxPieces {
		start, end := nextLink(s, from)
		if start < 0 {
			break
		}
		from = end
		if !openable(s[start:end]) {
			continue
		}
		out = plain(out, s[:start])
		out = append(out, piece{pieceLink, s[start:end]})
		s, from = s[end:], 0
	}
	return plain(out, s)
}

// plain adds text, to the piece before if that is plain as well.
func plain(out []piece, s string) []piece {
	if s == "" {
		return out
	}
	if n := len(out); n > 0 && out[n-1].kind == piecePlain {
		out[n-1].text += s
		return out
	}
	return append(out, piece{piecePlain, s})
}

// nextLink finds where an address may begin and end, from a place on; start is
// -1 if there is none.
func nextLink(s string, from int) (start, end int) {
	for i := from; i < len(s); {
		at := strings.Index(s[i:], "http")
		if at < 0 {
			break
		}
		start = i + at
		rest := s[start:]
		if before, _ := utf8.DecodeLastRuneInString(s[:start]); asciiWord(before) ||
			!strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") {
			i = start + len("http")
			continue
		}
		stop := strings.IndexFunc(rest, endsLink)
		if stop < 0 {
			stop = len(rest)
		}
		return start, start + len(trimLink(rest[:stop]))
	}
	return -1, 0
}

func asciiWord(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func endsLink(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`|\\^{}「」『』《》“”", r)
}

// trimLink leaves out what belongs to the sentence around an address: its full
// stop, or a bracket that was opened before.
func trimLink(s string) string {
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		switch {
		case strings.ContainsRune(".,;:!?'’…。、，！？", r):
		case r == ')' && strings.Count(s, "(") < strings.Count(s, ")"):
		case r == ']' && strings.Count(s, "[") < strings.Count(s, "]"):
		default:
			return s
		}
		s = s[:len(s)-size]
	}
	return s
}

// openable tells whether s is an address that a browser can open: of http or
// https, with a host, and without a name and password that could mislead.
func openable(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}
