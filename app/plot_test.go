package app

import (
	"strings"
	"testing"
	"time"

	"maru/app/probe"
	"maru/app/wire/text"
)

// ago is a moment so many seconds before noon.
func ago(seconds float64) time.Time {
	return noon.Add(-time.Duration(seconds * float64(time.Second)))
}

func sampled(seconds float64, ms int) probe.Sample {
	return probe.Sample{At: ago(seconds), RTT: time.Duration(ms) * time.Millisecond}
}

func out(from, to float64) probe.Outage { return probe.Outage{From: ago(from), To: ago(to)} }

func TestScaleTop(t *testing.T) {
	for longest, want := range map[time.Duration]time.Duration{
		0: 10, 10: 10, 11: 20, 21: 50, 51: 100, 101: 200, 201: 500, 501: 1000, 1001: 2000, 9000: 10000,
	} {
		if got := newScale(noon, longest*time.Millisecond).top; got != want*time.Millisecond {
			t.Errorf("up to %d ms: %v, want %d ms", longest, got, want)
		}
	}
}

func TestScale(t *testing.T) {
	s := scale{now: noon, top: 100 * time.Millisecond}
	for _, tt := range []struct {
		seconds float64
		ms      int
		x, y    float64
	}{
		{0, 0, 600, 100}, {300, 100, 0, 0}, {150, 50, 300, 50}, {400, 500, 0, 0}, {-5, -1, 600, 100},
	} {
		sample := sampled(tt.seconds, tt.ms)
		if x, y := s.x(sample.At), s.y(sample.RTT); x != tt.x || y != tt.y {
			t.Errorf("%g s ago, %d ms: %g, %g; want %g, %g", tt.seconds, tt.ms, x, y, tt.x, tt.y)
		}
	}
}

func TestLine(t *testing.T) {
	s := scale{now: noon, top: 100 * time.Millisecond}
	for name, tt := range map[string]struct {
		samples []probe.Sample
		outages []probe.Outage
		want    string
	}{
		"nothing":      {nil, nil, ""},
		"one":          {[]probe.Sample{sampled(150, 50)}, nil, "M300.0 50.0h0"},
		"a line":       {[]probe.Sample{sampled(20, 10), sampled(10, 20), sampled(0, 30)}, nil, "M560.0 90.0h0L580.0 80.0L600.0 70.0"},
		"far apart":    {[]probe.Sample{sampled(30, 10), sampled(5, 20)}, nil, "M540.0 90.0h0M590.0 80.0h0"},
		"outage":       {[]probe.Sample{sampled(10, 10), sampled(5, 20), sampled(0, 30)}, []probe.Outage{out(8, 6)}, "M580.0 90.0h0M590.0 80.0h0L600.0 70.0"},
		"outage after": {[]probe.Sample{sampled(10, 10), sampled(5, 20)}, []probe.Outage{out(5, 0)}, "M580.0 90.0h0L590.0 80.0"},
	} {
		if got := s.line(tt.samples, tt.outages); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestStretch(t *testing.T) {
	s := scale{now: noon}
	for _, tt := range []struct {
		outage   probe.Outage
		x, width float64
	}{
		{out(150, 75), 300, 150}, {out(300, 0), 0, 600}, {out(150, 149.9), 300, minSpan}, {out(0.1, 0), 600 - minSpan, minSpan},
	} {
		if x, width := s.stretch(tt.outage); x != tt.x || width != tt.width {
			t.Errorf("%v: %g, %g; want %g, %g", tt.outage, x, width, tt.x, tt.width)
		}
	}
}

func TestSummary(t *testing.T) {
	samples := []probe.Sample{sampled(9, 4), sampled(5, 1200), sampled(1, 11)}
	for _, tt := range []struct {
		lang    text.Lang
		samples []probe.Sample
		outages []probe.Outage
		want    string
	}{
		{text.Ko, nil, nil, "아직 잰 값이 없어요. · 끊긴 적 없음"},
		{text.Ko, samples, []probe.Outage{out(100, 90), out(30, 27)}, "최소 4.0 ms · 중앙값 11 ms · 최대 1,200 ms · 끊김 2번, 모두 13초"},
		{text.En, samples, []probe.Outage{out(30, 27.5)}, "min 4.0 ms · median 11 ms · max 1,200 ms · 1 outage, 2.5 s in all"},
	} {
		if got := summary(tt.lang, tt.samples, tt.outages); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	if got := unbroken("a b · c d"); strings.Count(got, " ") != 1 {
		t.Errorf("%q can be broken within its parts", got)
	}
}

func TestMillis(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: dash, -1: dash, 400 * time.Microsecond: "0.4 ms", 9940 * time.Microsecond: "9.9 ms", 9960 * time.Microsecond: "10 ms",
		1024400 * time.Microsecond: "1,024 ms",
	} {
		if got := millis(text.Ko, d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
