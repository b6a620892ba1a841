package web

import (
	"strings"
	"testing"

	"maru/app/wire/text"
)

func render(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageEscapesTheRoom(t *testing.T) {
	for _, room := range []string{
		`"><script>alert(1)</script>`, `' onmouseover=alert(1) x='`, `</title><script>alert(1)</script>`,
		`{{.Version}}`, `</textarea><img src=x onerror=alert(1)>`, `javascript:alert(1)`,
	} {
		got := render(t, Page{Room: room, Wasm: "/a.wasm"})
		if strings.Contains(got, "<script>") || strings.Contains(got, "<img src=x") || strings.Contains(got, `onmouseover=alert(1) x='"`) {
			t.Errorf("%q got through", room)
		}
		if n := strings.Count(got, "<script"); n != 3 {
			t.Errorf("%q: %d scripts, want 3", room, n)
		}
	}
}

func TestPageEscapesTheRest(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	got := render(t, Page{Version: evil, Wasm: evil, Assets: func(name string) string { return name + evil }})
	if strings.Contains(got, "<script>") {
		t.Error("a script got through")
	}
}

func TestPageHasNothingInline(t *testing.T) {
	for _, room := range []string{"", "기획팀"} {
		got := render(t, Page{Room: room, Wasm: "/a.wasm"})
		for _, bad := range []string{"style=", "<style", "onclick", "javascript:", "no value", "ZgotmplZ"} {
			if strings.Contains(got, bad) {
				t.Errorf("room %q: the page has %q", room, bad)
			}
		}
	}
}

func TestPageHasWhatTheAppNeeds(t *testing.T) {
	got := render(t, Page{Lang: text.En, Room: "기획팀", Version: "v1", Wasm: "/public/app.1.wasm", WasmSize: 7_497_337})
	for _, want := range []string{
		`<html lang="en" data-version="v1" data-wasm="/public/app.1.wasm" data-wasm-size="7497337">`,
		"<body>\n<div id=\"maru\"", `id="app-wasm-loader"`, `id="app-wasm-loader-icon"`, `id="app-wasm-loader-label"`,
		`<progress id="progress" max="100"`, `<textarea id="composer" rows="1" autocomplete="off"`, `id="send"`, `id="join"`, `id="name"`, `value="기획팀"`, `id="enter"`,
		`interactive-widget=resizes-content`, `as="fetch" crossorigin`, `<title>기획팀 · Maru</title>`, `<noscript>`, `manifest`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if join := render(t, Page{}); strings.Contains(join, "composer") || !strings.Contains(join, "autofocus") {
		t.Error("the page for entering shows a room")
	}
}

func TestPageAboutTheConnection(t *testing.T) {
	got := render(t, Page{Lang: text.En, Connection: true, Wasm: "/a.wasm"})
	for _, want := range []string{`<title>Connection · Maru</title>`, `<h1>Connection</h1>`, "<body>\n<div id=\"maru\"", `id="app-wasm-loader"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(got, "<form") || strings.Contains(got, "composer") {
		t.Error("the page shows a card or a room")
	}
}

func TestPageLacksNoText(t *testing.T) {
	for _, l := range []text.Lang{text.Ko, text.En} {
		for name, said := range (Page{Lang: l, Room: "a"}).say() {
			if said == "" || strings.Contains(said, "{0}") {
				t.Errorf("%v: %s is %q", l, name, said)
			}
		}
	}
}
