package app

import "testing"

func TestSwipes(t *testing.T) {
	const width = 400
	for _, test := range []struct {
		what           string
		on             bool
		x, y, toX, toY float64
		open, to       drawer
		closes         bool
	}{
		{"from the left edge inwards", true, 30, 300, 130, 310, noDrawer, roomsDrawer, false},
		{"from the right edge inwards", true, 370, 300, 270, 310, noDrawer, peopleDrawer, false},
		{"outwards", true, 70, 300, 0, 300, noDrawer, noDrawer, false},
		{"from the middle", true, 200, 300, 340, 300, noDrawer, noDrawer, false},
		{"not far enough", true, 30, 300, 90, 300, noDrawer, noDrawer, false},
		{"scrolling", true, 30, 300, 130, 360, noDrawer, noDrawer, false},
		{"two fingers, or in a field", false, 30, 300, 130, 300, noDrawer, noDrawer, false},
		{"the rooms away", true, 250, 300, 150, 300, roomsDrawer, noDrawer, true},
		{"the people away", true, 150, 300, 250, 300, peopleDrawer, noDrawer, true},
		{"the rooms further in", true, 30, 300, 130, 300, roomsDrawer, noDrawer, false},
		{"over a sheet", true, 30, 300, 130, 300, settingsDrawer, noDrawer, false},
	} {
		var w swipe
		w.begin(test.x, test.y, width, test.on)
		if to, closes := w.end(test.toX, test.toY, test.open); to != test.to || closes != test.closes {
			t.Errorf("%s: drawer %d, closes %v; want %d, %v", test.what, to, closes, test.to, test.closes)
		}
	}
}
