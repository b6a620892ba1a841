package engineio

import "net/http"

// anyOrigin in Config.Origins stands for all of them.
const anyOrigin = "*"

// preflightAge is how long a browser may remember what it was allowed, in
// seconds.
const preflightAge = "600"

// origins are those of Config.Origins, in their normal form.
type origins struct {
	any  bool
	list map[string]bool
}

func newOrigins(texts []string) origins {
	o := origins{list: make(map[string]bool, len(texts))}
	for _, text := range texts {
		if normal, ok := parseOrigin(text); ok {
			o.list[normal] = true
		}
		o.any = o.any || text == anyOrigin
	}
	return o
}

// has tells whether r comes from a page of one of the origins.
func (o origins) has(r *http.Request) bool {
	values := r.Header.Values("Origin")
	if len(values) != 1 {
		return false
	}
	normal, ok := parseOrigin(values[0])
	return o.any || ok && o.list[normal]
}

// share lets pages of Config.Origins read the answer (Fetch standard, section
// "CORS protocol"); to others it says nothing. done tells that r only asked
// for that, and has its answer.
func (c *Config) share(w http.ResponseWriter, r *http.Request) (done bool) {
	if len(c.Origins) == 0 {
		return false
	}
	h := w.Header()
	if !c.origins.any {
		h.Add("Vary", "Origin")
	}
	if !c.origins.has(r) {
		return false
	}
	if c.origins.any {
		h.Set("Access-Control-Allow-Origin", anyOrigin)
	} else {
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		if c.Credentials {
			h.Set("Access-Control-Allow-Credentials", "true")
		}
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Add("Vary", "Access-Control-Request-Headers")
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	if wanted := r.Header.Get("Access-Control-Request-Headers"); wanted != "" {
		h.Set("Access-Control-Allow-Headers", wanted)
	}
	h.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}
