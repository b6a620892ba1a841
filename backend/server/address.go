package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// address is where a request comes from, as far as limits go: an address of
// IPv4, or the first 64 bits of one of IPv6, which is what one household has.
// It is never logged. The zero address is that of everybody whose own is not
// known.
type address = netip.Prefix

const (
	bits4 = 32
	bits6 = 64
)

// addresses finds out where requests come from.
type addresses struct {
	proxies []netip.Prefix
	log     *slog.Logger
	hint    sync.Once
}

const forwardedFor = "X-Forwarded-For"

// of tells where a request comes from. X-Forwarded-For, to which each proxy
// adds whom it serves, is read from its end: as long as the one who wrote an
// entry is a trusted proxy, the entry is believed. So what a client puts in
// itself is never reached. Forwarded is not read at all.
func (a *addresses) of(r *http.Request) address {
	at, ok := parseHost(r.RemoteAddr)
	if !ok {
		return address{}
	}
	values := r.Header.Values(forwardedFor)
	if len(values) > 0 && !a.trusted(at) {
		a.hint.Do(func() {
			a.log.Warn(forwardedFor + " of a peer that is not trusted is ignored; if it is a proxy of yours, name it in MARU_TRUSTED_PROXIES, or all who come through it share the limits of one address")
		})
	}
	for i := len(values) - 1; i >= 0; i-- {
		for list, more := values[i], true; more && a.trusted(at); {
			var entry string
			list, entry, more = cutLast(list)
			next, ok := parseHost(strings.Trim(entry, " \t"))
			if !ok {
				return group(at) // the last one who is known
			}
			at = next
		}
	}
	return group(at)
}

// cutLast takes the last entry off a list with commas.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

// maxHost bounds an address with a port.
const maxHost = 64

// parseHost reads an address, with or without a port. One with a zone is only
// of this machine's network, and is taken without it.
func parseHost(s string) (netip.Addr, bool) {
	if len(s) > maxHost {
		return netip.Addr{}, false
	}
	bare := s
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		bare = s[1 : len(s)-1]
	}
	at, err := netip.ParseAddr(bare)
	if err != nil {
		with, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		at = with.Addr()
	}
	return at.Unmap().WithZone(""), true
}

func (a *addresses) trusted(at netip.Addr) bool {
	for _, p := range a.proxies {
		if p.Contains(at) {
			return true
		}
	}
	return false
}

func group(at netip.Addr) address {
	bits := bits6
	if at.Is4() {
		bits = bits4
	}
	p, err := at.Prefix(bits)
	if err != nil {
		return address{} // of no family
	}
	return p
}

// readProxies reads the networks of trusted proxies, such as 10.0.0.0/8; a
// single address is a network of its own.
func readProxies(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if at, notOne := netip.ParseAddr(text); notOne == nil && at.Zone() == "" {
			at = at.Unmap()
			p, err = at.Prefix(at.BitLen())
		}
		if err != nil || p.Addr().Is4In6() {
			return nil, fmt.Errorf("%q is neither an address nor a network like 10.0.0.0/8", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}
