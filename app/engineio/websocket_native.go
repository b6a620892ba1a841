//go:build !js

package engineio

import (
	"context"

	"github.com/coder/websocket"
)

func dialWebSocket(ctx context.Context, url string, header map[string][]string) (Conn, error) {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// closeWebSocket does the closing handshake, which coder/websocket gives up
// after a few seconds without an answer.
func closeWebSocket(c Conn) { c.Close(websocket.StatusNormalClosure, "") }
