// Package text is the one catalogue of what Maru says to people, in Korean and
// in English: the texts of the page, of Admin and of refusals, and the forms of
// times and days.
//
// It promises a text for every key in every language. It knows neither a
// browser nor a socket, and formats without the browser's help, so that both
// ends and all browsers say the same.
package text

import (
	"strconv"
	"strings"

	"maru/app/wire/event"
)

// Lang is a language that Maru speaks. The zero value is Korean.
type Lang uint8

// The languages.
const (
	Ko Lang = iota
	En
	langs
)

// String returns the language's tag (BCP 47), for the lang attribute.
func (l Lang) String() string {
	if l == En {
		return "en"
	}
	return "ko"
}

// FromTag returns the language that a tag such as "en-GB" asks for. ok is false
// if it is none of ours; the language is then Korean.
func FromTag(tag string) (l Lang, ok bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch primary {
	case "ko":
		return Ko, true
	case "en":
		return En, true
	}
	return Ko, false
}

// maxAccept bounds how much of an Accept-Language header is read.
const maxAccept = 512

// Parse returns the language that an Accept-Language header (RFC 9110, section
// 12.5.4) likes best among ours, and Korean if it names none of them.
func Parse(acceptLanguage string) Lang {
	if len(acceptLanguage) > maxAccept {
		acceptLanguage = acceptLanguage[:maxAccept]
	}
	best, weight := Ko, 0.0
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, params, _ := strings.Cut(part, ";")
		l, ok := FromTag(tag)
		if q := quality(params); ok && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// quality reads the weight of one language range; without one it is 1.
func quality(params string) float64 {
	value, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}

// T returns the text of key, with {0}, {1} … replaced by args.
func (l Lang) T(key Key, args ...string) string {
	return fill(l.entry(key), args)
}

// N returns the text of key for a count, which replaces {0}; args follow from
// {1} on. A text with two forms, "one|many", gives the one that fits.
func (l Lang) N(key Key, n int, args ...string) string {
	form, many, ok := strings.Cut(l.entry(key), "|")
	if ok && n != 1 {
		form = many
	}
	return fill(form, append([]string{Number(n)}, args...))
}

func (l Lang) entry(key Key) string {
	if l >= langs || int(key) >= len(catalogue) {
		return ""
	}
	return catalogue[key][l]
}

// fill replaces the places {0} to {9}. What is put in is not looked at again,
// so a name with braces stays what it is.
func fill(form string, args []string) string {
	if !strings.Contains(form, "{") {
		return form
	}
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] == '{' && i+2 < len(form) && form[i+2] == '}' {
			if n := int(form[i+1]) - '0'; n >= 0 && n < len(args) {
				b.WriteString(args[n])
				i += 2
				continue
			}
		}
		b.WriteByte(form[i])
	}
	return b.String()
}

// Number returns n with a comma after every third digit from the right.
func Number(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Admin returns what Admin says: the welcome to a room, who came, who left, and
// that the connection stands. It is empty for what people write themselves.
func Admin(l Lang, kind event.Kind, name, room string) string {
	switch kind {
	case event.KindWelcome:
		return l.T(AdminWelcome, room)
	case event.KindJoin:
		return l.T(AdminCame, name)
	case event.KindLeave:
		return l.T(AdminWent, name)
	case event.KindNotice:
		return l.T(AdminConnected)
	}
	return ""
}

// Echo returns the answer of the echo namespace to a message.
func Echo(l Lang, message string) string { return l.T(AdminEcho, message) }

// Refusal returns what a code means to a person. An unknown code gets the text
// of event.Internal.
func Refusal(l Lang, code event.Code) string {
	key, ok := refusals[code]
	if !ok {
		key = RefusedInternal
	}
	return l.T(key)
}
