package redisstore

import (
	"context"

	"github.com/redis/go-redis/v9"

	"maru/backend/store"
)

// Durability implements store.Store. It is what Open found:
//
//   - Replica, if Options.Replicas is set. Redis replicates on a promise, not by
//     consensus: a write can still be lost if the master and every replica that
//     has it are lost, or if another replica takes over. min-replicas-to-write
//     narrows that.
//   - Disk, if appendonly is yes and appendfsync is always, on every master; or
//     if Options.Synced says so.
//   - Memory for all else, also where CONFIG GET is forbidden, as some services
//     do. With appendfsync everysec a write survives that Redis crashes, and all
//     but the last second or two a loss of power.
func (s *Store) Durability() store.Durability { return s.durability }

func (s *Store) probeDurability(ctx context.Context) store.Durability {
	switch {
	case s.opt.Replicas > 0:
		return store.Replica
	case s.opt.Synced:
		return store.Disk
	}
	_, err := call(ctx, s, "config", "", func(ctx context.Context) (any, error) {
		if c, ok := s.client.(*redis.ClusterClient); ok {
			return nil, c.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
				return synced(ctx, node)
			})
		}
		return nil, synced(ctx, s.client)
	})
	if err != nil {
		return store.Memory
	}
	return store.Disk
}

// synced returns nil if a node says that it syncs before it answers.
func synced(ctx context.Context, node redis.Cmdable) error {
	for _, want := range [][2]string{{"appendonly", "yes"}, {"appendfsync", "always"}} {
		got, err := node.ConfigGet(ctx, want[0]).Result()
		if err != nil {
			return err
		}
		if got[want[0]] != want[1] {
			return errBroken
		}
	}
	return nil
}
