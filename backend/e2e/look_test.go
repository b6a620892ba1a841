//go:build !screenshots

package e2e

import (
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/page"
)

func (p *person) picture(file string) {
	shot := command(p, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	_ = os.MkdirAll(filepath.Dir(file), 0o755)
	_ = os.WriteFile(file, shot.Data, 0o644)
}
