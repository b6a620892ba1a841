package web

import (
	"strconv"
	"strings"
)

// maxAcceptEncoding bounds how much of an Accept-Encoding header is read.
const maxAcceptEncoding = 512

// bestEncoding returns "br", "gzip" or "" for identity, by the weights of an
// Accept-Encoding header (RFC 9110, section 12.5.3). Among equals the smallest
// answer wins. When all are refused the answer is identity, as the RFC advises.
func bestEncoding(header string) string {
	if len(header) > maxAcceptEncoding {
		header = header[:maxAcceptEncoding]
	}
	weights := map[string]float64{}
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "x-gzip" {
			coding = "gzip"
		}
		weights[coding] = weight(params)
	}
	best, bestWeight := "", 0.0
	for _, coding := range []string{"br", "gzip"} {
		q, named := weights[coding]
		if !named {
			q = weights["*"]
		}
		if q > bestWeight {
			best, bestWeight = coding, q
		}
	}
	if identity, named := weights["identity"]; named && identity > bestWeight {
		return ""
	}
	return best
}

// weight returns the q of a coding's parameters, 1 if there is none and 0 if it
// can't be read.
func weight(params string) float64 {
	name, value, ok := strings.Cut(params, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
