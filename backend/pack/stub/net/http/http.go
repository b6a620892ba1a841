// Package http takes the place of net/http in the WebAssembly. It promises the names
// that go-app and coder/websocket mention in the tab, and nothing behind them: the tab
// never speaks HTTP through net/http, so all that the real package would bring (HTTP/2,
// TLS, proxies) would lie there unused.
package http

import (
	"errors"
	"io"
	"io/fs"
	"net/url"
)

// MethodGet is the method of RFC 9110 section 9.3.1.
const MethodGet = "GET"

// Status codes of RFC 9110 section 15.
const (
	StatusSwitchingProtocols  = 101
	StatusOK                  = 200
	StatusNotModified         = 304
	StatusNotFound            = 404
	StatusInternalServerError = 500
)

var errNoHTTP = errors.New("net/http is not part of the WebAssembly")

// Header is a set of header fields.
type Header map[string][]string

// Get returns the first value of a field whose name is given in canonical form.
func (h Header) Get(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set replaces the values of a field.
func (h Header) Set(name, value string) { h[name] = []string{value} }

// ResponseWriter is the server's side of a response; nothing implements it here.
type ResponseWriter interface {
	Header() Header
	Write([]byte) (int, error)
	WriteHeader(status int)
}

// Handler answers requests; nothing calls it here.
type Handler interface {
	ServeHTTP(ResponseWriter, *Request)
}

// Request has the fields that go-app's handler reads. TLS is only compared with
// nil, so that crypto/tls stays out too.
type Request struct {
	Method string
	URL    *url.URL
	Header Header
	Host   string
	TLS    *struct{}
}

// Response has the fields that go-app and coder/websocket touch.
type Response struct {
	StatusCode int
	Header     Header
	Body       io.ReadCloser
}

// Client refuses every request.
type Client struct{}

// DefaultClient refuses every request.
var DefaultClient = &Client{}

// Do always returns an error.
func (*Client) Do(*Request) (*Response, error) { return nil, errNoHTTP }

// Get always returns an error.
func Get(string) (*Response, error) { return nil, errNoHTTP }

// NewRequest always returns an error.
func NewRequest(string, string, io.Reader) (*Request, error) { return nil, errNoHTTP }

// NotFound does nothing: no request ever arrives.
func NotFound(ResponseWriter, *Request) {}

// Dir names a folder for FileServer.
type Dir string

// FileSystem is what FileServer would serve.
type FileSystem interface {
	Open(name string) (fs.File, error)
}

// Open always returns an error.
func (Dir) Open(string) (fs.File, error) { return nil, errNoHTTP }

// FileServer returns a handler that does nothing.
func FileServer(FileSystem) Handler { return nothing{} }

type nothing struct{}

func (nothing) ServeHTTP(ResponseWriter, *Request) {}
