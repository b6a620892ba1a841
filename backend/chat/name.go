package chat

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"maru/app/wire/event"
)

// nameKey folds a name so that names which read the same are equal: forms of
// the same letter, upper and lower case, and what is not seen. NFKC comes
// again after folding, since folding can undo it.
func nameKey(name string) string {
	s := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name)))
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, s)
}

var adminKey = nameKey(event.Admin)

// checkName refuses the names that nobody may have.
func checkName(name string) error {
	switch nameKey(name) {
	case "":
		return event.Refuse(event.NameInvalid)
	case adminKey:
		return event.Refuse(event.NameReserved)
	}
	return nil
}
