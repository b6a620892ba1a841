package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// from asks for the address of a request of a peer with these headers, each of
// the form "Name: value".
func from(a *addresses, peer string, header ...string) string {
	r := httptest.NewRequest("GET", "http://chat.test/", nil)
	r.RemoteAddr = peer
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header[name] = append(r.Header[name], value)
	}
	return a.of(r).String()
}

func proxies(t testing.TB, networks string) *addresses {
	t.Helper()
	all, err := readProxies(list(networks))
	if err != nil {
		t.Fatal(err)
	}
	return &addresses{proxies: all, log: slog.New(slog.DiscardHandler)}
}

const unknownAddress = "invalid Prefix"

func TestAddresses(t *testing.T) {
	const forwarded = "X-Forwarded-For: "
	none, behind := proxies(t, ""), proxies(t, "10.0.0.0/8,169.254.0.0/16,2001:db8:ffff::/48,192.0.2.7")
	for _, c := range []struct {
		name   string
		in     *addresses
		peer   string
		header []string
		want   string
	}{
		{"IPv4", none, "203.0.113.9:1234", nil, "203.0.113.9/32"},
		{"IPv6", none, "[2001:db8:1:2:3:4:5:6]:1234", nil, "2001:db8:1:2::/64"},
		{"IPv4 in IPv6", none, "[::ffff:203.0.113.9]:1234", nil, "203.0.113.9/32"},
		{"of this network", none, "[fe80::1%eth0]:1234", nil, "fe80::/64"},
		{"a socket without addresses", none, "@", nil, unknownAddress},
		{"nothing", none, "", nil, unknownAddress},

		{"nobody is trusted", none, "203.0.113.9:1", []string{forwarded + "198.51.100.1"}, "203.0.113.9/32"},
		{"this one is not", behind, "203.0.113.9:1", []string{forwarded + "198.51.100.1"}, "203.0.113.9/32"},
		{"one proxy", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.1"}, "198.51.100.1/32"},
		{"one proxy, given as an address", behind, "192.0.2.7:1", []string{forwarded + "198.51.100.1"}, "198.51.100.1/32"},
		{"its neighbour", behind, "192.0.2.8:1", []string{forwarded + "198.51.100.1"}, "192.0.2.8/32"},
		{"one proxy by IPv6", behind, "[2001:db8:ffff::1]:1", []string{forwarded + "2001:db8:1:2::9"}, "2001:db8:1:2::/64"},
		{"one proxy, IPv4 in IPv6", behind, "[::ffff:10.1.2.3]:1", []string{forwarded + "::ffff:198.51.100.1"}, "198.51.100.1/32"},
		{"two proxies", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.1, 10.9.9.9"}, "198.51.100.1/32"},
		{"two proxies, two headers", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.1", forwarded + "10.9.9.9"}, "198.51.100.1/32"},
		{"with ports", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.1:4711, 10.9.9.9:80"}, "198.51.100.1/32"},
		{"IPv6 with a port", behind, "10.1.2.3:1", []string{forwarded + "[2001:db8:1:2::9]:4711"}, "2001:db8:1:2::/64"},
		{"IPv6 in brackets", behind, "10.1.2.3:1", []string{forwarded + "[2001:db8:1:2::9]"}, "2001:db8:1:2::/64"},
		{"blanks", behind, "10.1.2.3:1", []string{forwarded + "  198.51.100.1\t,\t10.9.9.9  "}, "198.51.100.1/32"},
		{"a proxy that asks itself", behind, "10.1.2.3:1", nil, "10.1.2.3/32"},
		{"nobody but proxies", behind, "10.1.2.3:1", []string{forwarded + "10.4.4.4,10.5.5.5"}, "10.4.4.4/32"},

		{"made up by the client", behind, "10.1.2.3:1", []string{forwarded + "8.8.8.8, 198.51.100.1"}, "198.51.100.1/32"},
		{"made up as a proxy", behind, "10.1.2.3:1", []string{forwarded + "10.7.7.7, 8.8.8.8, 198.51.100.1"}, "198.51.100.1/32"},
		{"made up in a header of its own", behind, "10.1.2.3:1", []string{forwarded + "8.8.8.8", forwarded + "198.51.100.1"}, "198.51.100.1/32"},
		{"made up with much more", behind, "10.1.2.3:1", []string{forwarded + strings.Repeat("8.8.8.8,", 1000) + "198.51.100.1"}, "198.51.100.1/32"},
		{"another header", behind, "10.1.2.3:1", []string{"Forwarded: for=8.8.8.8", "X-Real-Ip: 8.8.8.8", "Cf-Connecting-Ip: 8.8.8.8"}, "10.1.2.3/32"},
		{"no address", behind, "10.1.2.3:1", []string{forwarded + "unknown"}, "10.1.2.3/32"},
		{"no address before a proxy", behind, "10.1.2.3:1", []string{forwarded + "_hidden, 10.9.9.9"}, "10.9.9.9/32"},
		{"empty", behind, "10.1.2.3:1", []string{forwarded}, "10.1.2.3/32"},
		{"commas", behind, "10.1.2.3:1", []string{forwarded + ",,,"}, "10.1.2.3/32"},
		{"a list that ends with a comma", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.1,"}, "10.1.2.3/32"},
		{"a network", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.0/24"}, "10.1.2.3/32"},
		{"a number", behind, "10.1.2.3:1", []string{forwarded + "3325256705"}, "10.1.2.3/32"},
		{"octal", behind, "10.1.2.3:1", []string{forwarded + "0306.063.0144.01"}, "10.1.2.3/32"},
		{"lines and markup", behind, "10.1.2.3:1", []string{forwarded + "\r\n<script>\x00"}, "10.1.2.3/32"},
		{"long", behind, "10.1.2.3:1", []string{forwarded + strings.Repeat("1", 100_000)}, "10.1.2.3/32"},
		{"half a bracket", behind, "10.1.2.3:1", []string{forwarded + "[2001:db8::1"}, "10.1.2.3/32"},
		{"a bad port", behind, "10.1.2.3:1", []string{forwarded + "198.51.100.1:99999"}, "10.1.2.3/32"},
	} {
		if got := from(c.in, c.peer, c.header...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// That a proxy may have been forgotten is said once, and nobody's address with
// it.
func TestForgottenProxyIsToldOnce(t *testing.T) {
	var log bytes.Buffer
	a := proxies(t, "10.0.0.0/8")
	a.log = slog.New(slog.NewTextHandler(&log, nil))
	from(a, "10.0.0.1:1", "X-Forwarded-For: 198.51.100.1")
	if log.Len() > 0 {
		t.Errorf("of a trusted proxy: %s", &log)
	}
	for range 10 {
		from(a, "203.0.113.9:1", "X-Forwarded-For: 198.51.100.1")
	}
	if strings.Count(log.String(), "MARU_TRUSTED_PROXIES") != 1 || strings.Contains(log.String(), "203.0") || strings.Contains(log.String(), "198.51") {
		t.Errorf("log: %s", &log)
	}
}

func TestReadProxies(t *testing.T) {
	got, err := readProxies([]string{"10.1.2.3/8", "192.0.2.7", "2001:db8::1", "fd00::/8", "::ffff:192.0.2.8"})
	want := "[10.0.0.0/8 192.0.2.7/32 2001:db8::1/128 fd00::/8 192.0.2.8/32]"
	if err != nil || spelt(got) != want {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
	for _, bad := range []string{"10.0.0.0/33", "proxy.example", "10.0.0", "*", "10.0.0.1:80", "::ffff:10.0.0.0/104", "fe80::1%eth0/64", "1.2.3.4/"} {
		if got, err := readProxies([]string{bad}); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}

func spelt(all []netip.Prefix) string {
	return fmt.Sprint(all)
}

// Whatever stands in the header: no panic, an address whose group is whole, and
// nothing that a client adds in front changes it.
func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{"198.51.100.1", "[2001:db8::1]:80, 10.0.0.1", ",", "10.0.0.1:x", "::ffff:1.2.3.4%a", "10.0.0.1,10.0.0.2"} {
		f.Add(seed, "10.0.0.9:1")
	}
	a := proxies(f, "10.0.0.0/8")
	f.Fuzz(func(t *testing.T, value, peer string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{forwardedFor: {value}}}
		got := a.of(r)
		if got.IsValid() && (got != got.Masked() || got.Addr().Is4() != (got.Bits() == bits4) || got.Addr().Is4In6() || got.Addr().Zone() != "") {
			t.Fatalf("%q of %q is %v", value, peer, got)
		}
		if got.IsValid() && a.trusted(got.Addr()) {
			return // nobody but proxies: what stands before them would be believed
		}
		r.Header[forwardedFor] = []string{"8.8.8.8", "9.9.9.9, " + value}
		if again := a.of(r); again != got {
			t.Fatalf("%q of %q is %v, and with more in front %v", value, peer, got, again)
		}
	})
}
