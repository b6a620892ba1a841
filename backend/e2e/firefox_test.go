//go:build engines

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// firefox is spoken to by WebDriver BiDi (w3.org/TR/webdriver-bidi): commands and answers
// over one WebSocket, one at a time.
type firefox struct {
	ctx     context.Context
	conn    *websocket.Conn
	last    int
	context string // the window
}

func startFirefox(t *testing.T) engine {
	t.Helper()
	program, err := exec.LookPath("firefox-esr")
	if err != nil {
		program = "firefox"
	}
	folder := t.TempDir()
	cmd := exec.Command(program, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port=0")
	cmd.Env = append(os.Environ(), "HOME="+folder)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it tells of the kill
	})
	const listening = "WebDriver BiDi listening on "
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), listening) {
	}
	_, address, found := strings.Cut(lines.Text(), listening)
	if !found {
		t.Fatalf("Firefox does not listen: %v", lines.Err())
	}
	go func() {
		for lines.Scan() { // else it would wait to be heard
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, address+"/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	f := &firefox{ctx: ctx, conn: conn}
	var made struct{ Context string }
	for _, err := range []error{
		f.do("session.new", map[string]any{"capabilities": map[string]any{}}, nil),
		f.do("browsingContext.create", map[string]any{"type": "tab"}, &made),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f.context = made.Context
	return f
}

// do sends a command, and takes its answer into result.
func (f *firefox) do(method string, params map[string]any, result any) error {
	f.last++
	if err := wsjson.Write(f.ctx, f.conn, map[string]any{"id": f.last, "method": method, "params": params}); err != nil {
		return err
	}
	for {
		var answer struct {
			ID             int
			Error, Message string
			Result         json.RawMessage
		}
		if err := wsjson.Read(f.ctx, f.conn, &answer); err != nil {
			return err
		}
		switch {
		case answer.ID != f.last:
			continue // an event
		case answer.Error != "":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(answer.Result, result)
	}
}

func (f *firefox) open(url string) error {
	return f.do("browsingContext.navigate", map[string]any{"context": f.context, "url": url, "wait": "complete"}, nil)
}

func (f *firefox) eval(expression string) (string, error) {
	var answer struct {
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	err := f.do("script.evaluate", map[string]any{
		"expression": "(async () => JSON.stringify(await (" + expression + ")))()", "awaitPromise": true,
		"target": map[string]any{"context": f.context},
	}, &answer)
	if err == nil && answer.ExceptionDetails.Text != "" {
		err = fmt.Errorf("%s: %s", expression, answer.ExceptionDetails.Text)
	}
	return answer.Result.Value, err
}

func (f *firefox) keys(keys string) error {
	var actions []any
	for _, key := range keys {
		for _, kind := range []string{"keyDown", "keyUp"} {
			actions = append(actions, map[string]any{"type": kind, "value": string(key)})
		}
	}
	return f.do("input.performActions", map[string]any{"context": f.context,
		"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil)
}
