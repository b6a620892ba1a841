//go:build engines

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"testing"
)

// webkit is spoken to by WebDriver (w3.org/TR/webdriver), through the program that comes
// with WebKitGTK. It needs a display.
type webkit struct{ session string }

func startWebKit(t *testing.T) engine {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().(*net.TCPAddr)
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("WebKitWebDriver", fmt.Sprint("--port=", address.Port))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it tells of the kill
	})
	var made struct{ SessionID string }
	wait(t, "WebKit", func() (bool, any) {
		err := do(http.MethodPost, fmt.Sprintf("http://%v/session", address), map[string]any{"capabilities": map[string]any{}}, &made)
		return err == nil, err
	})
	w := &webkit{fmt.Sprintf("http://%v/session/%s", address, made.SessionID)}
	t.Cleanup(func() {
		if err := do(http.MethodDelete, w.session, nil, nil); err != nil {
			t.Error(err)
		}
	})
	return w
}

// do sends a command, and takes its answer into result.
func do(method, url string, params map[string]any, result any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	q, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Value)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, result)
}

func (w *webkit) post(command string, params map[string]any, result any) error {
	return do(http.MethodPost, w.session+command, params, result)
}

func (w *webkit) open(url string) error {
	return w.post("/url", map[string]any{"url": url}, nil)
}

func (w *webkit) eval(expression string) (string, error) {
	var answer struct{ Value, Error string }
	err := w.post("/execute/async", map[string]any{"args": []any{}, "script": "const done = arguments[arguments.length - 1]; " +
		"(async () => JSON.stringify(await (" + expression + ")))().then(value => done({value}), error => done({error: String(error)}))"}, &answer)
	if err == nil && answer.Error != "" {
		err = fmt.Errorf("%s: %s", expression, answer.Error)
	}
	return answer.Value, err
}

func (w *webkit) keys(keys string) error {
	var active map[string]string // by the one name that the specification gives an element
	if err := do(http.MethodGet, w.session+"/element/active", nil, &active); err != nil {
		return err
	}
	for _, id := range active {
		return w.post("/element/"+id+"/value", map[string]any{"text": keys}, nil)
	}
	return fmt.Errorf("nothing has the focus")
}
