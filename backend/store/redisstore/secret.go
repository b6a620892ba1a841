package redisstore

import (
	"context"
	"crypto/rand"
)

// secretBytes is how long a secret is that Secret makes.
const secretBytes = 32

// Secret is a secret that all servers on this Redis share. The first one to ask
// makes it; so that people stay who they are on every server and over restarts.
// Whoever can read this Redis can read it.
// Errors: store.ErrUnavailable.
func (s *Store) Secret(ctx context.Context) ([]byte, error) {
	return call(ctx, s, "secret", "", func(ctx context.Context) ([]byte, error) {
		key, own := s.opt.Prefix+":secret", make([]byte, secretBytes)
		rand.Read(own)
		// Asked after it was offered: of several at once all see the first.
		if err := s.client.SetNX(ctx, key, own, 0).Err(); err != nil {
			return nil, err
		}
		return s.client.Get(ctx, key).Bytes()
	})
}
