package redisstore

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Names of a room lie in one slot, whatever braces it has; and rooms don't share
// names.
func TestKeys(t *testing.T) {
	k, seen := keys{"maru"}, map[string]string{}
	for _, name := range []string{"a", "{", "}", "{}", "{a}", "}{", "a:b", "\x00", "\xff", "가", "m:a", "l:a", strings.Repeat("x", 200)} {
		tag := ""
		for _, kind := range append(slices.Clone(presenceKeys), append(slices.Clone(logKeys), "f")...) {
			key := k.of(name, kind)
			if kind == "due" {
				key = k.part(partition(name), kind)
			}
			open := strings.Index(key, "{")
			end := strings.Index(key[open:], "}")
			if got := key[open : open+end]; tag != "" && got != tag || end < 3 {
				t.Errorf("%q: the tag of %q is %q, before it was %q", name, key, got, tag)
			} else {
				tag = got
			}
			if other, ok := seen[key]; ok && kind != "due" && other != name {
				t.Errorf("%q and %q share %q", name, other, key)
			}
			seen[key] = name
		}
	}
	if crc16("123456789") != 0x31c3 {
		t.Errorf("crc16 = %x", crc16("123456789"))
	}
}

// Frames and entries of others, or torn ones, are no panic.
func FuzzParse(f *testing.F) {
	f.Add("epoch 7 2 id" + "m 1772355600000 0 0 1 2 abBODY")
	f.Add("e 1 0 m! 1 2 3 0 0 ")
	f.Add("2:ab1:c")
	f.Fuzz(func(t *testing.T, s string) {
		if fr, err := parseFrame(s); err == nil && fr.ev.Kind == 0 {
			t.Errorf("%q is a frame of nothing", s)
		}
		_, _, _ = parseEntry(1, s)
		all, err := parseList(s)
		if n := len(strings.Join(all, "")); err == nil && n > len(s) {
			t.Errorf("%q is a list of %d bytes", s, n)
		}
	})
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"redis://u:p@h:1/2":                                "single h:1 u p 2",
		"rediss://h":                                       "single h:6379   0 tls",
		"redis://h?prefix=x&replicas=2":                    "single h:6379   0",
		"unix:///run/redis.sock":                           "single /run/redis.sock   0",
		"redis+sentinel://u:p@h/3?master=m&addr=g:26380":   "sentinel [h:26379 g:26380] m u p 3",
		"rediss+sentinel://u:p@h:1/3?master=m":             "sentinel [h:1] m u p 3 tls",
		"redis+cluster://u:p@h:1?addr=g:2":                 "cluster [h:1 g:2] u p",
		"redis+sentinel://h?master=m&sentinel_password=sp": "sentinel [h:26379] m   0 sp",
	} {
		tg, err := parse(address, Options{})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		got := ""
		switch {
		case tg.single != nil:
			o := tg.single
			got = fmt.Sprintf("single %s %s %s %d", o.Addr, o.Username, o.Password, o.DB)
			if o.TLSConfig != nil {
				got += " tls"
			}
		case tg.sentinel != nil:
			o := tg.sentinel
			got = strings.TrimRight(fmt.Sprintf("sentinel %v %s %s %s %d %s", o.SentinelAddrs, o.MasterName, o.Username, o.Password, o.DB, o.SentinelPassword), " ")
			if o.TLSConfig != nil {
				got += " tls"
			}
		default:
			o := tg.cluster
			got = fmt.Sprintf("cluster %v %s %s", o.Addrs, o.Username, o.Password)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	for _, bad := range []string{"redis://h/x", "http://h", "redis://h?replicas=-1", "redis://%zz", "redis+sentinel://h",
		"redis://h?synced=perhaps", "redis://h?prefix={", "redis+cluster://h?replicas=1", "redis+other://h"} {
		if _, err := parse(bad, Options{}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
