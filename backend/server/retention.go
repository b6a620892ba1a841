package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"maru/backend/store"
)

// ParseRetention reads how much is kept: a number of events in each room, an
// age such as 90d, 12h or 30m, or both with a comma between. Empty keeps
// everything.
func ParseRetention(s string) (keep store.Retention, err error) {
	for _, part := range list(s) {
		n, countErr := strconv.ParseInt(part, 10, 64)
		age, ageErr := parseAge(part)
		switch {
		case countErr == nil && n > 0 && keep.Count == 0:
			keep.Count = n
		case ageErr == nil && age >= time.Minute && keep.Age == 0:
			keep.Age = age
		default:
			return keep, fmt.Errorf("%q is neither a number of messages nor an age like 90d", part)
		}
	}
	return keep, nil
}

// maxDays is the longest age that a Duration can hold, and more than enough.
const maxDays = 36_500

func parseAge(s string) (time.Duration, error) {
	if digits, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(digits)
		if err != nil || n > maxDays {
			return 0, errors.New("no number of days")
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}

// Trimming comes at times between half of trimEvery and one and a half of it,
// so that instances on one store do not come together. It takes what is over in
// small steps; when there is little it costs little.
const (
	trimFirst = time.Minute
	trimEvery = time.Hour
	trimLimit = 10 * time.Minute
)

// keepOnly has the hub drop what is not to be kept, soon and then now and
// again. With no instance running nothing is dropped, and the next one to run
// makes up for it.
func (h *hub) keepOnly(keep store.Retention) {
	if keep == (store.Retention{}) {
		return
	}
	h.trimAfter(trimFirst, keep)
}

func (h *hub) trimAfter(wait time.Duration, keep store.Retention) {
	forget := make(chan func() bool, 1)
	timer := time.AfterFunc(wait/2+rand.N(wait), func() {
		(<-forget)()
		if !h.begin() {
			return
		}
		defer h.running.Done()
		ctx, cancel := context.WithTimeout(h.ctx, trimLimit)
		defer cancel()
		if err := h.rooms.Trim(ctx, keep); err != nil && h.ctx.Err() == nil {
			h.log.Warn("drop what is not kept any longer", "err", err)
		}
		h.trimAfter(trimEvery, keep)
	})
	forget <- context.AfterFunc(h.ctx, func() { timer.Stop() })
}
