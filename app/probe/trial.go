package probe

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"maru/app/engineio"
)

// Way is a way to get messages over the network.
type Way byte

// The ways. ShortPolling is not used by Maru; it is measured to compare with.
const (
	WebSocket    Way = iota
	LongPolling      // HTTP long-polling
	ShortPolling     // a request every PollInterval
	ways
)

// PollInterval is how often ShortPolling would ask.
const PollInterval = 2 * time.Second

// State is how far a Trial has come.
type State byte

// The states of a Trial.
const (
	Untried State = iota
	Trying
	Works
	Fails
)

// Trial is what came of trying a Way. Figures are zero if the way fails.
type Trial struct {
	Way    Way
	State  State
	Reason string        // of Fails: a reason of app/socketio, or of this package
	Status int           // of Fails by ReasonStatus
	RTT    time.Duration // median of a request and its answer
	// Delay is the median from saying a message to hearing it. If Computed, it
	// was not measured: a message waits half the PollInterval on average, and
	// then takes its round trip.
	Delay    time.Duration
	Computed bool
	// PerMinute is how many HTTP requests a minute takes in which nobody says
	// anything. It follows from the interval of pings, or from PollInterval.
	PerMinute float64
}

// Reasons of a Trial that failed, beside those of app/socketio.
const (
	ReasonStatus = "http status" // the server answered with another status
	ReasonAnswer = "no answer"   // the server's answer was none of ours
)

const (
	repeats   = 5                      // measurements of each figure
	pause     = 200 * time.Millisecond // between two of them
	openLimit = 6 * time.Second        // to open a session
	tryLimit  = 20 * time.Second       // for all of one trial
	maxAnswer = 64 << 10               // bytes of an answer
)

// try tries one way, on connections of its own.
func (p *Probe) try(ctx context.Context, way Way) Trial {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	t := Trial{Way: way, State: Works}
	if way == ShortPolling {
		p.tryRequests(ctx, &t)
	} else {
		p.trySocket(ctx, &t)
	}
	if t.State == Fails {
		return Trial{Way: way, State: Fails, Reason: t.Reason, Status: t.Status}
	}
	return t
}

func (t *Trial) fail(reason string) { t.State, t.Reason = Fails, reason }

// scratchRoom is read from by the trial of ShortPolling. Reading does not make a
// room, and what people may have written there is not looked at.
const scratchRoom = "connection-check"

// tryRequests asks a room for new messages, as one who polls would.
func (p *Probe) tryRequests(ctx context.Context, t *Trial) {
	address, err := messagesURL(p.options.URL)
	if err != nil {
		t.fail(ReasonAnswer)
		return
	}
	do := p.options.Engine.HTTP
	if do == nil {
		do = engineio.PlatformHTTP(maxAnswer)
	}
	var took []time.Duration
	for range repeats {
		begin := time.Now()
		status, answer, err := do(ctx, "GET", address, nil)
		took = append(took, time.Since(begin))
		if !t.judge(ctx, status, answer, err) {
			return
		}
		if !sleep(ctx, pause) {
			t.fail(engineio.ReasonTimeout)
			return
		}
	}
	slices.Sort(took)
	t.RTT = median(took)
	t.Delay, t.Computed = PollInterval/2+t.RTT, true
	t.PerMinute = perMinute(PollInterval)
}

// judge tells whether a request was answered as it should be.
func (t *Trial) judge(ctx context.Context, status int, answer []byte, err error) bool {
	switch {
	case err != nil:
		t.fail(reasonOf(ctx, err))
	case status != 200:
		t.Status = status
		t.fail(ReasonStatus)
	case !json.Valid(answer):
		t.fail(ReasonAnswer)
	}
	return t.State != Fails
}

// messagesURL is where the scratch room is read, on the server of an Engine.IO
// endpoint.
func messagesURL(endpoint string) (string, error) {
	u, err := url.Parse("http" + strings.TrimPrefix(endpoint, "ws"))
	if err != nil {
		return "", err
	}
	u.Path, u.RawQuery = "/api/rooms/"+scratchRoom+"/messages", "after=&limit=1"
	return u.String(), nil
}

func perMinute(interval time.Duration) float64 {
	if interval <= 0 {
		return 0
	}
	return float64(time.Minute) / float64(interval)
}

// sleep lets d pass; false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
