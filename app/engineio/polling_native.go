//go:build !js

package engineio

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// client is shared by all sessions of the process. It takes no redirect: that
// is no answer of Engine.IO.
var client = &http.Client{
	Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 256, // each session needs two at a time
		IdleConnTimeout:     30 * time.Second,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// newHTTP returns the HTTP of this platform, whose answers have at most limit
// bytes.
func newHTTP(limit int64, header map[string][]string) HTTP {
	return func(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
		request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		if header != nil {
			request.Header = http.Header(header).Clone()
		}
		request.Header.Set("Cache-Control", "no-store")
		if body != nil {
			request.Header.Set("Content-Type", "text/plain;charset=UTF-8")
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, nil, err
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
		if err == nil && int64(len(answer)) > limit {
			err = ErrBroken
		}
		return response.StatusCode, answer, err
	}
}
