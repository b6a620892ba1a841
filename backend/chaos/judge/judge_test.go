package judge

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// tale is a history by hand: two people in one room, who come, write a message
// each, and see both. What a test changes in it is what must be found.
type tale struct {
	t     time.Duration
	lines []Line
}

func (h *tale) add(l Line) *tale {
	if l.T == 0 {
		h.t += time.Millisecond
		l.T = h.t
	}
	h.t = max(h.t, l.T)
	if l.Room == "" && l.Op != Calm && l.Op != Whole && l.Op != Vanish {
		l.Room = "r"
	}
	h.lines = append(h.lines, l)
	return h
}

func (h *tale) enter(who string) *tale {
	return h.add(Line{Op: Enter, Who: who}).add(Line{Op: Inside, Who: who, User: "u-" + who})
}

func (h *tale) write(who, text string) *tale {
	return h.add(Line{Op: Send, Who: who, ID: "i-" + text, Text: text}).add(Line{Op: Try, Who: who, ID: "i-" + text, Wall: h.t.Milliseconds()})
}

func (h *tale) ack(who, text string, seq int64) *tale {
	return h.add(Line{Op: Ack, Who: who, ID: "i-" + text, Seq: seq})
}

func (h *tale) view(who string, head int64, shown ...Shown) *tale {
	return h.add(Line{Op: View, Who: who, Head: head, Shown: shown})
}

func (h *tale) log(at string, lines ...Line) *tale {
	for i, l := range lines {
		l.Op, l.Who = Log, at
		if l.Seq == 0 {
			l.Seq = int64(i) + 1
		}
		if l.At == 0 {
			l.At = int64(i) + 1
		}
		h.add(l)
	}
	last := int64(0)
	if n := len(lines); n > 0 {
		last = h.lines[len(h.lines)-1].Seq
	}
	return h.add(Line{Op: End, Who: at, Seq: last})
}

func shown(seq int64, text string, neighbours ...int64) Shown {
	s := Shown{Key: fmt.Sprint("s", seq), Text: text, Seq: seq}
	if len(neighbours) == 2 {
		s.Before, s.After = neighbours[0], neighbours[1]
	}
	return s
}

func post(text string) Line { return Line{Text: text, ID: "i-" + text} }
func came(who string) Line  { return Line{Kind: "join", User: "u-" + who} }
func went(who string) Line  { return Line{Kind: "leave", User: "u-" + who} }

// talk is a history in which all is well, up to the final reads.
func talk() *tale {
	h := &tale{}
	h.enter("a").enter("b")
	h.write("a", "a-1").ack("a", "a-1", 3).write("b", "b-1").ack("b", "b-1", 4).write("a", "a-2").ack("a", "a-2", 5)
	for _, who := range []string{"a", "b"} {
		h.view(who, 3, shown(3, "a-1")).view(who, 5, shown(4, "b-1", 3, 5), shown(5, "a-2", 4, 0))
	}
	return h
}

// end is the log of talk.
func end() []Line { return []Line{came("a"), came("b"), post("a-1"), post("b-1"), post("a-2")} }

var strict = Options{Linger: time.Minute, Recovery: 10 * time.Second}

// finds wants one rule to be broken, and no other.
func finds(t *testing.T, h *tale, want Rule) {
	t.Helper()
	got := Check(h.lines, strict)
	if len(got) == 0 {
		t.Errorf("nothing is found, want %s", want)
	}
	for _, v := range got {
		if v.Rule != want {
			t.Errorf("found %v, want %s alone", v, want)
		}
	}
}

func TestNothingIsFoundInAGoodHistory(t *testing.T) {
	h := talk().add(Line{Op: Calm}).add(Line{Op: Whole, Who: "a"}).add(Line{Op: Whole, Who: "b"})
	h.log("one", end()...).log("two", end()...)
	h.add(Line{Op: People, Who: "a", Users: []string{"u-a", "u-b"}})
	for _, v := range Check(h.lines, strict) {
		t.Error(v)
	}
	var b bytes.Buffer
	if err := Write(&b, h.lines); err != nil {
		t.Fatal(err)
	}
	if again, err := Read(&b); err != nil || !reflect.DeepEqual(again, h.lines) {
		t.Errorf("read back as %v, %v", again, err)
	}
}

func TestLost(t *testing.T) {
	h := talk().write("a", "a-3").ack("a", "a-3", 6)
	finds(t, h.log("one", end()...), Lost)
	// Shown to somebody, and not there after all.
	h = talk().write("a", "a-3").view("b", 5, shown(6, "a-3", 5, 0))
	finds(t, h.log("one", end()...), Lost)
}

func TestInfoIsNoLoss(t *testing.T) {
	for _, stored := range []bool{false, true} {
		h := talk().write("b", "b-2").add(Line{Op: Info, Who: "b", ID: "i-b-2"}).add(Line{Op: Exit, Who: "b"})
		log := end()
		if stored {
			log = append(log, post("b-2"))
		}
		for _, v := range Check(h.log("one", append(log, went("b"))...).lines, strict) {
			t.Errorf("stored %v: %v", stored, v)
		}
	}
}

func TestDuplicate(t *testing.T) {
	finds(t, talk().log("one", append(end(), post("a-1"))...), Duplicate)
	again := post("a-1")
	again.Text = "a-9"
	finds(t, (&tale{}).enter("a").enter("b").write("a", "a-1").add(Line{Op: Send, Who: "a", ID: "i-a-1", Text: "a-9"}).
		log("one", came("a"), came("b"), post("a-1"), again), Duplicate)
	twice := shown(4, "b-1", 3, 5)
	twice.Key, twice.Seq, twice.State = "o", 0, Pending
	finds(t, talk().view("b", 5, twice).log("one", end()...), Duplicate)
}

func TestOrder(t *testing.T) {
	// Two see another message at one place.
	h := talk().enter("c").view("c", 5, shown(3, "b-1", 0, 4), shown(4, "a-1", 3, 5), shown(5, "a-2", 4, 0))
	found := map[Rule]int{}
	for _, v := range Check(h.log("one", append(end(), came("c"))...).lines, strict) {
		found[v.Rule]++
	}
	if found[Order] != 2 || found[Lost] != 2 {
		t.Errorf("found %v", found)
	}
	// A page that is not sorted.
	h = (&tale{}).enter("a").enter("b").write("a", "a-1").write("b", "b-1").view("a", 4, shown(4, "b-1", 0, 3), shown(3, "a-1", 4, 0))
	finds(t, h.ack("a", "a-1", 3).ack("b", "b-1", 4).log("one", came("a"), came("b"), post("a-1"), post("b-1")), Order)
}

func TestGap(t *testing.T) {
	h := talk().enter("c").view("c", 5, shown(3, "a-1", 0, 5), shown(5, "a-2", 3, 0))
	finds(t, h.log("one", append(end(), came("c"))...), Gap)
	h = talk().enter("c").add(Line{Op: View, Who: "c", Head: 5, Gaps: [][2]int64{{4, 4}}, Shown: []Shown{shown(3, "a-1", 0, 5), shown(5, "a-2", 3, 0)}})
	for _, v := range Check(h.log("one", append(end(), came("c"))...).lines, strict) {
		t.Error("a gap that is shown as one:", v)
	}
}

func TestPhantom(t *testing.T) {
	finds(t, talk().log("one", append(end(), post("x-1"))...), Phantom)
	h := talk().write("a", "a-3").add(Line{Op: Nack, Who: "a", ID: "i-a-3", Why: "text_too_long"})
	finds(t, h.log("one", append(end(), post("a-3"))...), Phantom)
	wrong := post("a-2")
	wrong.Text = "a-2\x00"
	found := map[Rule]bool{}
	for _, v := range Check(talk().log("one", append(end()[:4], wrong)...).lines, strict) {
		found[v.Rule] = true
	}
	if !found[Phantom] || !found[Lost] {
		t.Errorf("a text that was changed: found %v", found)
	}
}

func TestOwnOrder(t *testing.T) {
	h := (&tale{}).enter("a").write("a", "a-1").write("a", "a-2").ack("a", "a-1", 3).ack("a", "a-2", 2)
	finds(t, h.log("one", came("a"), post("a-2"), post("a-1")), FIFO)
}

func TestRealtime(t *testing.T) {
	h := (&tale{}).enter("a").enter("b").write("a", "a-1").ack("a", "a-1", 4).write("b", "b-1").ack("b", "b-1", 3)
	finds(t, h.log("one", came("a"), came("b"), post("b-1"), post("a-1")), Realtime)
}

func TestMonotonic(t *testing.T) {
	// What was shown is gone.
	h := talk().add(Line{Op: View, Who: "b", Head: 4, Gone: []string{"s5"}})
	finds(t, h.log("one", end()...), Monotonic)
	// Back in the room by another instance, which is behind.
	h = talk().add(Line{Op: Exit, Who: "b"}).enter("b").view("b", 4, shown(3, "a-1", 0, 4), shown(4, "b-1", 3, 0))
	finds(t, h.log("one", append(end(), went("b"), came("b"))...), Monotonic)
	// But a page that is loaded anew has no notices.
	h = talk().add(Line{Op: View, Who: "b", Head: 6}).add(Line{Op: Exit, Who: "b"}).enter("b").
		view("b", 5, shown(3, "a-1", 0, 4), shown(4, "b-1", 3, 5), shown(5, "a-2", 4, 0))
	for _, v := range Check(h.log("one", append(end(), came("c"), went("b"), came("b"))...).lines, strict) {
		if v.Rule == Monotonic {
			t.Errorf("found %v", v)
		}
	}
	// A client that keeps nothing hears an old line.
	h = talk().add(Line{Op: Heard, Who: "b", Seq: 4, Text: "b-1"}).add(Line{Op: Heard, Who: "b", Seq: 3, Text: "a-1"})
	finds(t, h.log("one", end()...), Monotonic)
}

func TestHeard(t *testing.T) {
	hears := func(seqs ...int64) *tale {
		h := talk().enter("c")
		log := append(end(), came("c"))
		for _, s := range seqs {
			h.add(Line{Op: Heard, Who: "c", Seq: s, Text: log[s-1].Text, Kind: log[s-1].Kind})
		}
		return h.log("one", log...)
	}
	finds(t, hears(3, 5), Gap)
	finds(t, hears(3, 4, 4), Duplicate)
	for _, v := range Check(hears(3, 4, 5).lines, strict) {
		t.Error(v)
	}
	again := hears(3, 4)
	again.lines = append(again.lines, Line{T: again.t, Op: Anew, Who: "c", Room: "r"}, Line{T: again.t, Op: Heard, Who: "c", Room: "r", Seq: 3, Text: "a-1"})
	for _, v := range Check(again.lines, strict) {
		t.Error("a client that begins anew:", v)
	}
}

func TestIdempotent(t *testing.T) {
	finds(t, talk().ack("a", "a-1", 5).log("one", end()...), Idempotent)
}

func TestSplitBrain(t *testing.T) {
	other := end()
	other[3], other[4] = other[4], other[3]
	finds(t, talk().log("one", end()...).log("two", other...), SplitBrain)
	finds(t, talk().log("one", end()...).log("two", end()[:4]...), SplitBrain)
}

func TestNumbering(t *testing.T) {
	log := append(end(), went("b"))
	log[5].Seq = 7
	h := talk().add(Line{Op: Exit, Who: "b"})
	finds(t, h.log("one", log...), Numbering)
	log = end()
	log[3].At, log[4].At = 9, 8
	finds(t, talk().log("one", log...), Numbering)
}

func TestPresence(t *testing.T) {
	finds(t, talk().log("one", append(end(), went("b"), went("b"))...), Presence)
	finds(t, talk().add(Line{Op: Exit, Who: "b"}).log("one", append(end(), went("b"), went("b"))...), Presence)
	finds(t, talk().log("one", append(end(), came("b"))...), Presence)
	// Gone long ago, and still in.
	h := talk().add(Line{Op: Vanish, Who: "b"}).add(Line{T: 2 * time.Minute, Op: Up, Who: "a"})
	finds(t, h.log("one", end()...), Presence)
	// Gone a moment ago: that is what leases are for.
	for _, v := range Check(talk().add(Line{Op: Vanish, Who: "b"}).log("one", end()...).lines, strict) {
		t.Error(v)
	}
	h = talk().log("one", end()...)
	finds(t, h.add(Line{Op: People, Who: "a", Users: []string{"u-a"}}), Presence)
	h = talk().log("one", end()...).add(Line{T: 2 * time.Minute, Op: People, Who: "a", Users: []string{"u-a", "u-b", "u-ghost"}})
	finds(t, h, Presence)
}

func TestHistoryLost(t *testing.T) {
	h := talk().add(Line{Op: View, Who: "a", Reset: true, Head: 5})
	finds(t, h.log("one", end()...), History)
}

func TestRecovery(t *testing.T) {
	h := talk().add(Line{Op: Calm}).add(Line{Op: Whole, Who: "a"})
	finds(t, h.log("one", end()...), Recovery)
	h = talk().add(Line{Op: Calm}).add(Line{Op: Whole, Who: "a"}).add(Line{T: time.Minute, Op: Whole, Who: "b"})
	finds(t, h.log("one", end()...), Recovery)
	// A message that nobody ever answered.
	h = talk().write("a", "a-3").add(Line{Op: Calm}).add(Line{Op: Whole, Who: "a"}).add(Line{Op: Whole, Who: "b"})
	finds(t, h.log("one", end()...), Recovery)
}

func TestFigures(t *testing.T) {
	h := &tale{}
	h.enter("a").enter("b").write("a", "a-1").add(Line{Op: Fault, Who: "one", Why: "kill -9"})
	h.add(Line{Op: Down, Who: "a"}).add(Line{Op: Info, Who: "a", ID: "i-a-1"})
	h.add(Line{T: 3 * time.Second, Op: Up, Who: "a"})
	h.add(Line{Op: Try, Who: "a", ID: "i-a-1", Wall: 3001}).ack("a", "a-1", 3)
	h.write("b", "b-1").ack("b", "b-1", 4).add(Line{Op: Heal, Who: "one", Why: "kill -9"}).write("a", "a-2").add(Line{Op: Exit, Who: "a"})
	h.add(Line{Op: Calm}).add(Line{T: 5 * time.Second, Op: Whole, Who: "b"})
	h.log("one", came("a"), came("b"), post("a-1"), post("b-1"), went("a"))
	f := Measure(h.lines)
	want := Figures{People: 2, Faults: map[string]int{"kill -9": 1}, Sent: 3, Acked: 2, Given: 1, Ambiguous: 1, Deduplicated: 1,
		Stored: 5, Soon: 0.5, Slowest: f.Slowest, Outages: 1, Outage: f.Outage, OutageOf: "a", Recovery: f.Recovery,
		ByFault: map[string]Share{"kill -9": {1, 1}}, Whole: Share{2, 0}, Broken: f.Broken}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("figures\n%+v, want\n%+v", f, want)
	}
	if f.Broken < 0.99 || f.Broken > 1 || f.Slowest < 2*time.Second || f.Outage < 2*time.Second || f.Recovery < time.Second {
		t.Errorf("times: %+v", f)
	}
	if f.String() == "" {
		t.Error("they can't be printed")
	}
}
