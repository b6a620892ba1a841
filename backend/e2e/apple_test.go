package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

const iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

// Safari on an iPhone makes no offer to install: the settings say in two steps how
// a person does it, as long as the app is not on the home screen.
func TestAppleCard(t *testing.T) {
	for _, w := range []struct {
		lang       string
		standalone bool
		steps      string
	}{
		{"ko-KR", false, "브라우저의 공유 버튼을 누르세요.|‘홈 화면에 추가’를 고르세요."},
		{"en-GB", false, "Tap the browser's share button.|Choose “Add to Home Screen”."},
		{"ko-KR", true, ""},
	} {
		t.Run(fmt.Sprintf("%s-%v", w.lang, w.standalone), func(t *testing.T) {
			s := startServer(t)
			soi := newPerson(t, look{lang: w.lang, width: 390, height: 844, touch: true})
			command(soi, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: iPhone, AcceptLanguage: w.lang, Platform: "iPhone"})
			command(soi, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`
				Object.defineProperty(navigator, 'standalone', { value: %v });
				addEventListener('beforeinstallprompt', (e) => { e.preventDefault(); e.stopImmediatePropagation(); }, true);`, w.standalone)})
			soi.join(s.url, "소이", "기획팀")
			soi.ready()
			soi.click(".head .only-s")
			soi.until(`document.querySelector('.show-rooms')`)
			soi.still()
			if eval[bool](soi, `Boolean(document.querySelector('#install'))`) {
				t.Error("a button offers what the browser can't do")
			}
			soi.click("#to-settings")
			soi.until(`document.querySelector('#settings[open]')`)
			if got := eval[string](soi, `[...document.querySelectorAll('#apple li')].map(e => e.textContent).join('|')`); got != w.steps {
				t.Errorf("the card says %q, want %q", got, w.steps)
			}
			if eval[bool](soi, `Boolean(document.querySelector('#settings-install'))`) {
				t.Error("the settings offer what the browser can't do")
			}
			// Nobody calls the offer that never comes; and to ask is harmless.
			if !eval[bool](soi, `goappIsAppleBrowser() && !goappIsAppInstallable() && window.maruInstall === null && goappShowInstallPrompt().then(() => true)`) {
				t.Error("the page thinks that it can be installed")
			}
			if out := soi.overflow(); len(out) > 0 {
				t.Errorf("%q stick out", out)
			}
		})
	}
}
