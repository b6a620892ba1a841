package keep

import "syscall/js"

// Normalize gives a string its NFKC. The browser has the tables for it, which
// would be a tenth of the program.
func Normalize(s string) string {
	return js.Global().Get("String").Get("prototype").Get("normalize").Call("call", s, "NFKC").String()
}
