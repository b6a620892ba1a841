# Maru's commands. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.PHONY: help serve build wasm test check bench bench-ui fuzz conformance-server cluster chaos storm screenshots engines e2e tools clean

export CGO_ENABLED ?= 0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME ?= 1m
BENCHTIME ?= 1s
VISITS ?= 5
DURATION ?= 2m
SEED ?= 0
# SQLite as Go is one large machine that is not ours to check; with the detector in it
# the tests of the stores take twice as long.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false
SERVER := go build -trimpath -ldflags='-s -w' -o bin/maru ./backend

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

serve: ## build what changed and serve on http://localhost:8080 (PORT=… for another port), data in ./data
	@go run ./backend/pack -quick
	$(SERVER)
	exec bin/maru

build: wasm ## build bin/maru: one static binary with everything inside
	@$(SERVER)
	ls -l bin/maru | awk '{ print "bin/maru     " $$5 " bytes" }'

wasm: ## build the WebAssembly, pack it with the public files, print the sizes
	@go run ./backend/pack

test: tools build ## install what is missing, then vet, race tests and the tests in a real browser
	@go vet ./...
	GOOS=js GOARCH=wasm go vet ./app/... ./wasm/...
	PATH=$$PATH:$$(go env GOROOT)/lib/wasm GOOS=js GOARCH=wasm go test ./app/engineio ./app/socketio ./app/wire/...
	CGO_ENABLED=1 go test $(RACE) ./...
	$(MAKE) --no-print-directory e2e

e2e: tools build ## run the tests in a real browser, with the stock Socket.IO client
	@cd backend/e2e
	go vet ./...
	MARU_BIN=$(CURDIR)/bin/maru ./run

check: test ## all tests, then staticcheck and govulncheck, for the server and the tab
	@GOBIN=$(CURDIR)/.tools go install $(STATICCHECK)
	GOBIN=$(CURDIR)/.tools go install $(GOVULNCHECK)
	.tools/staticcheck ./...
	(cd backend/e2e && ../../.tools/staticcheck ./...)
	GOOS=js GOARCH=wasm .tools/staticcheck ./app/... ./wasm/...
	# Its exit code is 3 for a vulnerability that is reached, and another one when
	# the database can't be read; that must not stop who works without a network.
	status=0; .tools/govulncheck ./... || status=$$?
	if [ $$status = 3 ]; then exit 1; fi
	if [ $$status != 0 ]; then echo 'govulncheck: the database of vulnerabilities was not reached; nothing was checked'; fi

bench: tools ## run the benchmarks (BENCHTIME=1s each)
	@go test -run='^$$' -bench=. -benchmem -benchtime=$(BENCHTIME) ./...

bench-ui: tools build ## measure the page in Chromium: visits (VISITS=5 of each), one more message in a long list, a busy room, an hour of one
	@cd backend/e2e
	export MARU_BIN=$(CURDIR)/bin/maru
	for bench in Visit:$(VISITS)x AppendToFullList:200x HundredASecond:10x Hour:1x; do
		go test -run='^$$' -bench=$${bench%:*} -benchtime=$${bench#*:} -timeout=30m .
	done

fuzz: ## fuzz every target for FUZZTIME (1m each)
	@for package in $$(go list ./...); do
		targets=$$(go test -list='^Fuzz' $$package | grep '^Fuzz' || true)
		for target in $$targets; do
			echo "$$package $$target"
			go test -run='^$$' -fuzz="^$$target$$" -fuzztime=$(FUZZTIME) $$package
		done
	done

conformance-server: ## serve what the official protocol test suites expect (PORT=3000, PROFILE=client for that of the JavaScript client)
	@go build -o bin/conformance ./backend/conformance
	exec bin/conformance

cluster: build ## a Redis and three instances behind a proxy that spreads each request, on http://localhost:8080 (PORT=…), until Ctrl-C
	@go build -o bin/chaos ./backend/chaos
	exec bin/chaos cluster

chaos: build ## people talk while instances, Redis and the network fail (DURATION=2m, SEED=… to have a run again); then all histories are judged
	@go build -o bin/chaos ./backend/chaos
	bin/chaos run -duration=$(DURATION) -seed=$(SEED)

storm: build ## a thousand clients lose the server at once, and come back
	@go build -o bin/chaos ./backend/chaos
	bin/chaos storm

screenshots: tools build ## take pictures of every page and state into bin/screenshots, with a sheet of all, and those of the README and the manifest
	@cd backend/e2e
	MARU_BIN=$(CURDIR)/bin/maru go test -count=1 -tags=screenshots -run='^(TestScreenshots|TestScreenshotsOfStates|TestSheet)$$' -timeout=20m .
	ls $(CURDIR)/bin/screenshots

engines: build ## what must work everywhere, in Firefox and WebKit, which are installed for it
	@backend/e2e/setup engines
	cd backend/e2e
	MARU_BIN=$(CURDIR)/bin/maru xvfb-run -a go test -count=1 -v -tags=engines -run='^TestEngines$$' -timeout=10m .

tools:
	@backend/e2e/setup

clean: ## remove what was built; the data stays
	@rm -rf bin backend/e2e/stock/node_modules backend/e2e/axe/node_modules
	find public/built -type f ! -name .gitkeep -delete
