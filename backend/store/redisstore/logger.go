package redisstore

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogTo has the Redis client of the whole program write to log what it meets on
// its way, at debug level: each call tells its own outcome. It is to be called
// once, before the first Open.
func LogTo(log *slog.Logger) { redis.SetLogger(logger{log}) }

type logger struct{ log *slog.Logger }

// Printf implements the client's interface of a logger.
func (l logger) Printf(ctx context.Context, format string, v ...any) {
	if l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, "redis", "says", fmt.Sprintf(format, v...))
	}
}
