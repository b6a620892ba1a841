package redisstore

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// script is a Lua script, by its hash and in full.
type script struct{ sha, source string }

func newScript(source string) *script {
	sum := sha1.Sum([]byte(source))
	return &script{hex.EncodeToString(sum[:]), source}
}

// invocation is a call of a script. All keys are of one partition.
type invocation struct {
	script *script
	keys   []string
	args   []any
}

// reply is what an invocation came to. A script never answers nil: go-redis
// makes an error of that.
type reply struct {
	value any
	err   error
}

// errFewReplicas: the write is done, but fewer replicas than wanted have it.
var errFewReplicas = errors.New("not enough replicas have it")

// read invokes a script that writes nothing.
func (s *Store) read(ctx context.Context, call invocation) (any, error) {
	r := s.invoke(ctx, []invocation{call}, false)[0]
	return r.value, r.err
}

// write invokes a script that writes.
func (s *Store) write(ctx context.Context, call invocation) (any, error) {
	r := s.invoke(ctx, []invocation{call}, true)[0]
	return r.value, r.err
}

// invoke invokes scripts in one pipeline and returns their replies in the same
// order. The scripts are sent by their hash; those that Redis does not know,
// since it was started anew or is another one, are sent again in full, which
// has it know them. The others of the pipeline are not sent again.
//
// With wait, replies count only if enough replicas have the writes.
func (s *Store) invoke(ctx context.Context, calls []invocation, wait bool) []reply {
	replies := s.pipeline(ctx, calls, wait, false)
	var unknown []invocation
	var places []int
	for i, r := range replies {
		if redis.HasErrorPrefix(r.err, "NOSCRIPT") {
			unknown, places = append(unknown, calls[i]), append(places, i)
		}
	}
	if len(unknown) > 0 {
		for i, r := range s.pipeline(ctx, unknown, wait, true) {
			replies[places[i]] = r
		}
	}
	return replies
}

// send sends a script by its hash, or whole.
func (c invocation) send(ctx context.Context, to redis.Scripter, whole bool) *redis.Cmd {
	if whole {
		return to.Eval(ctx, c.script.source, c.keys, c.args...)
	}
	return to.EvalSha(ctx, c.script.sha, c.keys, c.args...)
}

// pipeline is invoke without the second try; whole sends the scripts in full.
func (s *Store) pipeline(ctx context.Context, calls []invocation, wait, whole bool) []reply {
	wait = wait && s.opt.Replicas > 0
	if len(calls) == 1 && !wait {
		value, err := calls[0].send(ctx, s.client, whole).Result()
		return []reply{{value, err}}
	}
	pipe := s.client.Pipeline()
	cmds := make([]*redis.Cmd, len(calls))
	for i, c := range calls {
		cmds[i] = c.send(ctx, pipe, whole)
	}
	var waited *redis.Cmd
	if wait {
		// On the same connection: it waits for what that one has written.
		waited = pipe.Do(ctx, "WAIT", s.opt.Replicas, s.opt.ReplicaTimeout.Milliseconds())
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	var few error
	if wait {
		n, err := waited.Int()
		if err == nil && n < s.opt.Replicas {
			err = fmt.Errorf("%w: %d of %d", errFewReplicas, n, s.opt.Replicas)
		}
		few = err
	}
	replies := make([]reply, len(calls))
	for i, cmd := range cmds {
		replies[i].value, replies[i].err = cmd.Result()
		if replies[i].err == nil {
			replies[i].err = few
		}
	}
	return replies
}
