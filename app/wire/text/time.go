package text

import (
	"strconv"
	"time"
)

var weekdays = [langs][7]string{
	{"일요일", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일"},
	{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

var months = [...]string{"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"}

// Clock returns the time of day of t in its own zone: 오후 3:04, or 3:04 PM.
func (l Lang) Clock(t time.Time) string {
	hour, minute, _ := t.Clock()
	half := [langs]string{"오전", "AM"}
	if hour >= 12 {
		half = [langs]string{"오후", "PM"}
	}
	if l == En {
		return ShortClock(hour, minute) + " " + half[En]
	}
	return half[Ko] + " " + ShortClock(hour, minute)
}

// ShortClock returns the hour of a twelve-hour clock and the minute: 3:04.
func ShortClock(hour, minute int) string {
	hour %= 12
	if hour == 0 {
		hour = 12
	}
	s := strconv.Itoa(hour) + ":"
	if minute < 10 {
		s += "0"
	}
	return s + strconv.Itoa(minute)
}

// Day returns the day of t in its own zone: 7월 10일 수요일, or Wednesday,
// July 10. The year is said if now is of another one.
func (l Lang) Day(t, now time.Time) string {
	year, month, day := t.Date()
	other := year != now.In(t.Location()).Year()
	weekday := weekdays[min(l, En)][t.Weekday()]
	if l == En {
		s := weekday + ", " + months[month-1] + " " + strconv.Itoa(day)
		if other {
			s += ", " + strconv.Itoa(year)
		}
		return s
	}
	s := strconv.Itoa(int(month)) + "월 " + strconv.Itoa(day) + "일 " + weekday
	if other {
		s = strconv.Itoa(year) + "년 " + s
	}
	return s
}

// Ago returns how long ago t was, seen from now, as long as that is short: 5분 전;
// else the time of that day, 어제, 3월 5일, or 2025. 12. 31.
func (l Lang) Ago(t, now time.Time) string {
	now = now.In(t.Location())
	since := now.Sub(t)
	year, month, day := t.Date()
	switch {
	case since < time.Minute:
		return l.T(AgoNow)
	case since < time.Hour:
		return l.N(AgoMinutes, int(since/time.Minute))
	case SameDay(t, now):
		return l.Clock(t)
	case SameDay(t, now.AddDate(0, 0, -1)):
		return l.T(AgoYesterday)
	case year == now.Year() && l == En:
		return months[month-1] + " " + strconv.Itoa(day)
	case year == now.Year():
		return strconv.Itoa(int(month)) + "월 " + strconv.Itoa(day) + "일"
	case l == En:
		return months[month-1] + " " + strconv.Itoa(day) + ", " + strconv.Itoa(year)
	}
	return strconv.Itoa(year) + ". " + strconv.Itoa(int(month)) + ". " + strconv.Itoa(day) + "."
}

// SameDay tells whether two times, each in its own zone, are of one day.
func SameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// Stamp returns the day and the time of t, for what tells a time in full.
func (l Lang) Stamp(t, now time.Time) string { return l.Day(t, now) + " " + l.Clock(t) }
