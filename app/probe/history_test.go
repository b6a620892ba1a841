package probe

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

func TestHistoryForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, begin := newHistory(), time.Now()
		at := func(d time.Duration) time.Time { return begin.Add(d) }
		time.Sleep(2 * time.Second)
		if _, outages := h.Recent(time.Now()); len(outages) != 0 {
			t.Errorf("%v while the first connection is on its way", outages)
		}
		time.Sleep(2 * time.Second)
		h.Connected(true)
		h.Connected(true) // nothing new
		h.Answered(10 * time.Millisecond)
		time.Sleep(4 * time.Minute)
		h.Connected(false)
		h.Connected(false)
		h.Answered(30 * time.Millisecond)
		time.Sleep(10 * time.Second)
		samples, outages := h.Recent(time.Now())
		want := []Outage{{at(0), at(4 * time.Second)}, {at(244 * time.Second), at(254 * time.Second)}}
		if !reflect.DeepEqual(outages, want) || len(samples) != 2 {
			t.Errorf("%v, %d samples; want %v", outages, len(samples), want)
		}
		time.Sleep(time.Minute)
		samples, outages = h.Recent(time.Now())
		if len(samples) != 1 || samples[0].RTT != 30*time.Millisecond || len(outages) != 1 {
			t.Errorf("later: %v, %v", samples, outages)
		}
		time.Sleep(5 * time.Minute)
		samples, outages = h.Recent(time.Now())
		want = []Outage{{time.Now().Add(-Window), time.Now()}}
		if len(samples) != 0 || !reflect.DeepEqual(outages, want) {
			t.Errorf("at the end: %v, %v; want an outage over the whole window", samples, outages)
		}
	})
}

// What a page needs to connect at first is no outage.
func TestHistoryBeginsQuietly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		time.Sleep(2 * time.Second)
		h.Connected(true)
		time.Sleep(2 * time.Second)
		h.Connected(false)
		if _, outages := h.Recent(time.Now().Add(time.Second)); len(outages) != 1 {
			t.Errorf("%v, want the last alone", outages)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		for i := range 3000 {
			h.Answered(time.Duration(i))
			h.Connected(i%2 == 0)
		}
		if len(h.samples) != maxSamples || len(h.outages) != maxOutages || h.samples[maxSamples-1].RTT != 2999 {
			t.Errorf("%d samples, %d outages", len(h.samples), len(h.outages))
		}
	})
}

func TestSum(t *testing.T) {
	for _, tt := range []struct {
		rtts []time.Duration
		want Figures
	}{
		{nil, Figures{}},
		{[]time.Duration{7}, Figures{7, 7, 7, 1}},
		{[]time.Duration{9, 1, 5}, Figures{1, 5, 9, 3}},
		{[]time.Duration{8, 2, 4, 6}, Figures{2, 5, 8, 4}},
	} {
		var samples []Sample
		for _, d := range tt.rtts {
			samples = append(samples, Sample{RTT: d})
		}
		if got := Sum(samples); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.rtts, got, tt.want)
		}
	}
}

func TestMessagesURL(t *testing.T) {
	for endpoint, want := range map[string]string{
		"ws://host:8080/socket.io/": "http://host:8080/api/rooms/connection-check/messages?after=&limit=1",
		"wss://host/socket.io/":     "https://host/api/rooms/connection-check/messages?after=&limit=1",
	} {
		if got, err := messagesURL(endpoint); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", endpoint, got, err, want)
		}
	}
	if _, err := messagesURL("ws://ho st/"); err == nil {
		t.Error("no error for what is no address")
	}
}
