package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"maru/backend/release"
)

const workerName = "worker.js"

// screenshotFolder has the pictures that only an installer shows.
const screenshotFolder = "screenshots/"

// keptRoom stands for any room's name in the page that the worker keeps. It must
// be found nowhere else in it.
const keptRoom = "maru-room-name-here"

// renderWorker returns the service worker of this release: what it must keep, and
// then its program. Since the list changes with every release, so do its bytes,
// which is how a browser sees that there is a new one.
func (w *Web) renderWorker(m release.Manifest) ([]byte, error) {
	program, err := w.read(workerName)
	if err != nil {
		return nil, err
	}
	list := struct {
		Version  string   `json:"version"`
		Shell    string   `json:"shell"`
		Room     string   `json:"room"`
		RoomName string   `json:"roomName"`
		Files    []string `json:"files"`
		Assets   []string `json:"assets"`
	}{w.version, "/", "/r/" + keptRoom, keptRoom, []string{"/manifest.webmanifest", "/favicon.ico"}, nil}
	for _, a := range m.Assets {
		if a.Name != workerName && !strings.HasPrefix(a.Name, screenshotFolder) {
			list.Assets = append(list.Assets, w.address(a.Name))
		}
	}
	data, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("render worker: %w", err)
	}
	return fmt.Appendf(nil, "const release = %s;\n%s", data, program), nil
}

func (w *Web) serveWorker(rw http.ResponseWriter, r *http.Request) {
	revalidate(rw, r, typeOf(workerName), w.worker)
}
