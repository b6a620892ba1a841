package e2e

import (
	"io"
	"net"
	"sync"
	"time"
)

// speed is how slow a wire is: what a round trip takes, and how many bytes a
// second go through in each direction, over all connections together. The zero
// speed is that of the machine.
type speed struct {
	roundTrip time.Duration
	rate      int
}

// slow is the network on which a first visit is measured: 1.6 Mbit/s, 150 ms.
var slow = speed{150 * time.Millisecond, 200_000}

// lane is one direction of a wire. Bytes wait for those before them, and then are
// under way for half a round trip.
type lane struct {
	speed
	opens bool // it is the one that a connection begins in, with the handshake of TCP

	mu   sync.Mutex
	free time.Time // when the bytes that were sent so far have left
}

// parcel is some bytes, and when they arrive.
type parcel struct {
	data []byte
	at   time.Time
}

// Small enough for several connections to share a lane fairly, and as many under
// way as the slow line holds in a round trip.
const (
	parcelSize = 2 << 10
	underWay   = 16
)

// carry copies until either end closes.
func (l *lane) carry(to io.Writer, from net.Conn) {
	if l.rate == 0 {
		_, _ = io.Copy(to, from)
		return
	}
	sent := make(chan parcel, underWay)
	var arriving sync.WaitGroup
	arriving.Go(func() { deliver(to, from, sent) })
	opening := time.Duration(0)
	if l.opens {
		opening = l.roundTrip
	}
	for {
		data := make([]byte, parcelSize)
		n, err := from.Read(data)
		if n > 0 {
			sent <- parcel{data[:n], l.arrival(n).Add(opening)}
			opening = 0
		}
		if err != nil {
			break
		}
	}
	close(sent)
	arriving.Wait()
}

// arrival is when n bytes that are sent now are there.
func (l *lane) arrival(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(n) * time.Second / time.Duration(l.rate))
	return l.free.Add(l.roundTrip / 2)
}

// deliver writes what arrives, when it does. After a failure it takes and drops
// the rest, so that the sender never waits for nobody.
func deliver(to io.Writer, from net.Conn, sent <-chan parcel) {
	broken := false
	for p := range sent {
		if broken {
			continue
		}
		timer := time.NewTimer(time.Until(p.at))
		<-timer.C
		if _, err := to.Write(p.data); err != nil {
			broken = true
			_ = from.Close()
		}
	}
}
