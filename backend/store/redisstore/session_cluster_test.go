package redisstore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"maru/backend/store/redisstore/redistest"
	"maru/backend/store/storetest"
)

// slots is how many hash slots a Redis Cluster has.
const slots = 16384

// startCluster starts a Redis Cluster of three nodes and returns its address.
func startCluster(t *testing.T) string {
	t.Helper()
	const n = 3
	var nodes []*redis.Client
	address := "redis+cluster://"
	for i := range n {
		r := redistest.Start(t, "--cluster-enabled", "yes")
		c := redis.NewClient(&redis.Options{Addr: r.Addr()})
		t.Cleanup(func() { _ = c.Close() })
		if nodes = append(nodes, c); i == 0 {
			address += r.Addr()
		}
		if err := c.ClusterAddSlotsRange(t.Context(), i*slots/n, (i+1)*slots/n-1).Err(); err != nil {
			t.Fatal(err)
		}
		if err := nodes[0].ClusterMeet(t.Context(), "127.0.0.1", fmt.Sprint(r.Port())).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range nodes {
		until(t, "a cluster", func() bool {
			info, err := c.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") &&
				strings.Contains(info, fmt.Sprint("cluster_slots_ok:", slots)) &&
				strings.Contains(info, fmt.Sprint("cluster_known_nodes:", n))
		})
	}
	return address
}

// TestSessionLawsCluster has sessions, their holders and who asks on nodes of
// their own.
func TestSessionLawsCluster(t *testing.T) {
	storetest.RunSessions(t, harness{startCluster(t)})
}
