package app

// span is a part of a room's items, from lo (included) to hi (excluded).
type span struct{ lo, hi int }

// How many items the log keeps in the page. Beyond them it is blank space of
// about the same height, so that the scroll bar tells the truth.
const (
	ahead   = 45  // items kept on each side of what is seen
	near    = 15  // when fewer are left on a side, the window moves
	tailMin = 80  // items kept while the reader is at the bottom
	tailMax = 130 // when there are more, those at the top go, down to tailMin
	context = 100 // items looked at beyond the window, for a run that crosses its edge and for who came back
)

// tail returns the window for a reader at the bottom of n items. It moves in
// steps, so that most new lines only add a row.
func (s span) tail(n int) span {
	if s.hi > n || s.hi < s.lo || n-s.lo > tailMax || n-s.lo < tailMin {
		s.lo = max(n-tailMin, 0)
	}
	return span{s.lo, n}
}

// around returns the window for a reader who sees the items first to last of
// n: the same one, as long as there is enough of it on both sides.
func (s span) around(first, last, n int) span {
	first, last = clamp(first, n), clamp(last, n)
	enoughAbove := s.lo == 0 || first-s.lo >= near
	enoughBelow := s.hi == n || s.hi-1-last >= near
	if s.lo <= first && last < s.hi && s.hi <= n && enoughAbove && enoughBelow && s.hi-s.lo <= 2*tailMax {
		return s
	}
	return span{max(first-ahead, 0), min(last+1+ahead, n)}
}

// moved returns the window after its items have moved by delta, in n.
func (s span) moved(delta, n int) span {
	lo := max(min(s.lo+delta, n), 0)
	return span{lo, max(min(s.hi+delta, n), lo)}
}

func clamp(i, n int) int { return max(min(i, n-1), 0) }

// firstVisible returns the first of n rows whose bottom is below y, by a
// binary search over their places.
func firstVisible(n int, y int, bottom func(i int) int) int {
	lo, hi := 0, n
	for lo < hi {
		mid := (lo + hi) / 2
		if bottom(mid) > y {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return min(lo, max(n-1, 0))
}
