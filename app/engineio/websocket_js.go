package engineio

import (
	"context"

	"github.com/coder/websocket"
)

// dialWebSocket opens a WebSocket of the browser, which sends its own headers.
// One that is still connecting can't be stopped from here, so it is left alone
// when ctx ends, and left in good order if it opens later.
func dialWebSocket(ctx context.Context, url string, _ map[string][]string) (Conn, error) {
	opened := make(chan *websocket.Conn)
	failed := make(chan error, 1)
	go func() {
		c, _, err := websocket.Dial(context.Background(), url, nil)
		if err != nil {
			failed <- err
			return
		}
		select {
		case opened <- c:
		case <-ctx.Done():
			leave(newWebSocket(c, DefaultReadLimit))
		}
	}()
	select {
	case c := <-opened:
		return c, nil
	case err := <-failed:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// closeWebSocket leaves the closing to the server, which has been sent a Close
// packet, and to the browser, which notices when the network is gone. It must
// not call conn.Close: that holds a lock until the browser's close event, and
// an error event that comes before it waits for the same lock inside the
// browser's event loop, so the whole program would stand still for good. The
// session goes on reading until the socket has closed, so nothing piles up.
func closeWebSocket(Conn) {}
