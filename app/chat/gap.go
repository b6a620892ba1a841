package chat

// newGap is a gap of which nobody has told what is in it: all of it may be messages.
func newGap(from, to int64) Item {
	return Item{Key: gapKey(to), Kind: Gap, From: from, To: to, Posts: to - from + 1, place: to}
}

// told is how many messages there are behind a place, up to another.
type told struct{ after, upTo, posts int64 }

// Told notes how many messages there are behind a place, up to the head. What is
// in gaps there is known by that, apart from what the gap holds of which message.
func (t *Timeline) Told(after, posts int64) {
	if n := len(t.told); n > 0 && t.told[n-1].upTo == after {
		t.told[n-1].upTo = t.head
		t.told[n-1].posts += posts
	} else {
		t.told = append(t.told, told{after, t.head, posts})
	}
	t.spread()
	t.rev++
}

// spread says of the gaps how many messages are in them: those that were told of
// and are not here. Which of several gaps has them nobody knows, so the newer have
// as many as they can. Its cost grows with the lines behind the oldest place that
// was told of, until nothing is missing there.
func (t *Timeline) spread() {
	kept := t.told[:0]
	for _, r := range t.told {
		if t.spreadOne(r) {
			kept = append(kept, r)
		}
	}
	t.told = kept
}

func (t *Timeline) spreadOne(r told) (gaps bool) {
	first := t.After(r.after)
	left := r.posts
	for _, it := range t.lines[first:] {
		if it.Kind == Post && it.Seq <= r.upTo {
			left--
		}
	}
	for i := len(t.lines) - 1; i >= first; i-- {
		gap := &t.lines[i]
		if gap.Kind != Gap || gap.From > r.upTo {
			continue
		}
		within := min(gap.To, r.upTo) - max(gap.From-1, r.after)
		posts := max(min(left, within), 0)
		gap.Posts = gap.To - gap.From + 1 - within + posts // outside of what was told all may be
		left -= posts
		gaps = true
	}
	return gaps
}
