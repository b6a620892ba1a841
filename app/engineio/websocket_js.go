package engineio

import (
	"context"

	"github.com/coder/websocket"
)

// dialWebSocket opens a WebSocket of the browser. The browser sends its own
// headers. When ctx ends first, the browser goes on connecting; the server
// drops the socket, on which it hears no pong.
func dialWebSocket(ctx context.Context, url string, _ map[string][]string) (Conn, error) {
	c, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// closeWebSocket leaves the closing to the server, which has been sent a Close
// packet, and to the browser, which notices when the network is gone. It must
// not call conn.Close: that holds a lock until the browser's close event, and
// an error event that comes before it waits for the same lock inside the
// browser's event loop, so the whole program would stand still for good. The
// session goes on reading until the socket has closed, so nothing piles up.
func closeWebSocket(Conn) {}
