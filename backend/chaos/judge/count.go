package judge

import "strconv"

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// fenwick counts how many of the places up to one are taken, in the logarithm
// of their number. What lies beyond its length is counted apart.
type fenwick struct {
	tree   []int
	beyond map[int64]int
}

func newFenwick(n int) *fenwick { return &fenwick{tree: make([]int, n+1), beyond: map[int64]int{}} }

func (f *fenwick) add(at int64, n int) {
	if at >= int64(len(f.tree)) {
		f.beyond[at] += n
		return
	}
	for i := at; i > 0 && i < int64(len(f.tree)); i += i & -i {
		f.tree[i] += n
	}
}

// sum is how many of the places 1 to to are taken.
func (f *fenwick) sum(to int64) (n int) {
	for at, k := range f.beyond {
		if at <= to {
			n += k
		}
	}
	for i := min(to, int64(len(f.tree)-1)); i > 0; i -= i & -i {
		n += f.tree[i]
	}
	return n
}
