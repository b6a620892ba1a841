package app

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// clock puts a time into the zone of the person who reads it.
type clock func(time.Time) time.Time

// browserClock returns the clock of the browser's zone. time.Local would be the
// zone's offset of today for the whole year, so each quarter of an hour is
// asked for by itself: no zone changes within one.
func browserClock() clock {
	if app.IsServer {
		return time.Time.Local
	}
	zones := map[int64]*time.Location{}
	return func(t time.Time) time.Time {
		quarter := t.Unix() / 900
		zone := zones[quarter]
		if zone == nil {
			if len(zones) >= 4096 {
				clear(zones)
			}
			date := app.Window().Get("Date").New(float64(t.UnixMilli()))
			zone = time.FixedZone("", -60*int(date.Call("getTimezoneOffset").Float()))
			zones[quarter] = zone
		}
		return t.In(zone)
	}
}
