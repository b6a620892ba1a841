package store

import "context"

// scanStep is how many posts Scan reads at a time.
const scanStep = 200

// Scan is Find for a store that has no index: it reads the log itself, up to
// FindDepth posts below before.
func Scan(ctx context.Context, l Log, room, text string, before int64, n int) ([]Post, error) {
	if err := CheckPage(n); err != nil {
		return nil, err
	}
	q, err := ParseQuery(text)
	if err != nil {
		return nil, err
	}
	var found []Post
	for range FindDepth / scanStep {
		posts, err := l.Page(ctx, room, before, scanStep)
		if err != nil {
			return nil, err
		}
		for _, p := range posts {
			if !p.Deleted && q.Matches(p.Body) {
				if found = append(found, p); len(found) == n {
					return found, nil
				}
			}
		}
		if len(posts) < scanStep {
			break
		}
		before = posts[len(posts)-1].Seq
	}
	return found, nil
}
