# stalkstats. `make` alone lists the targets.

.DEFAULT_GOAL := help
SHELL := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)

# The tests, the checks and the program are compiled in one way, so that each package is
# compiled once. Only the race detector needs C.
export CGO_ENABLED = 0
export GOFLAGS := $(GOFLAGS) -trimpath

BUILD := dashboard/static/build
STYLES := dashboard/static/style.scss $(wildcard dashboard/static/_*.scss)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

.PHONY: run
run: build ## build, and show the dashboard on http://127.0.0.1:8080
	bin/stalkstats serve

.PHONY: build
build: assets ## build bin/stalkstats
	go build -ldflags "-X main.version=$(VERSION)" -o bin/stalkstats .

.PHONY: assets
assets: $(BUILD)/style.css $(BUILD)/echarts.min.js $(BUILD)/resvg.wasm

# What npm brings: the ClickHouse engine library, the chart library, what makes
# pictures of charts for mails, and the style sheets. `npm install` and not
# `npm ci`, which refuses a lock file made on another platform because the
# engine's package is a different one there.
node_modules/.package-lock.json: package.json package-lock.json
	npm install --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

$(BUILD)/style.css: node_modules/.package-lock.json $(STYLES)
	@mkdir -p $(BUILD)
	node_modules/.bin/sass --load-path=node_modules --style=compressed --no-source-map --quiet-deps dashboard/static/style.scss $@

$(BUILD)/echarts.min.js: node_modules/.package-lock.json dashboard/static/echarts.js
	@mkdir -p $(BUILD)
	node_modules/.bin/esbuild dashboard/static/echarts.js --bundle --minify --target=es2017 --legal-comments=inline --log-level=warning --outfile=$@

# A mail has charts as pictures: the drawer, and the letters of its text. Arimo has
# the widths of Helvetica and Arial, which the charts ask for.
$(BUILD)/resvg.wasm: node_modules/.package-lock.json
	@mkdir -p $(BUILD)
	cp node_modules/@fontsource/arimo/files/arimo-latin{,-ext}-{4,7}00-normal.woff2 $(BUILD)
	cp node_modules/@resvg/resvg-wasm/index_bg.wasm $@

# The race detector makes the reading of files and the drawing of pages five times
# as slow. In these packages it watches the tests in which several work at once,
# whose names end in AtOnce, and in all others every test.
SLOW := /(dashboard|dashboard/delivery|dashboard/picture|dashboard/query|etl|etl/parse|internal/command)$$|^[a-z]+$$

.PHONY: test
test: assets lint chromium soffice pdftotext ## run all tests, and each fuzzer for a short while
	go test -timeout 60m ./...
	CGO_ENABLED=1 go test -race -timeout 40m $$(go list ./... | grep -vE '$(SLOW)')
	CGO_ENABLED=1 go test -race -timeout 40m -run 'AtOnce' $$(go list ./... | grep -E '$(SLOW)')
	$(MAKE) --no-print-directory fuzz FUZZTIME=3000x COVERAGE=

.PHONY: lint
lint: assets ## gofmt, vet and staticcheck
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

# The tests open the pages in a real browser.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || [ -x "$$STALKSTATS_CHROMIUM" ] || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "the tests need chromium: install it, or name it in STALKSTATS_CHROMIUM"; exit 1; fi

# They open a CSV in a spreadsheet program.
.PHONY: soffice
soffice:
	@command -v soffice >/dev/null || command -v libreoffice >/dev/null || [ -x "$$STALKSTATS_SOFFICE" ] || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui >/dev/null; \
	  else echo "the tests need LibreOffice Calc: install it, or name it in STALKSTATS_SOFFICE"; exit 1; fi

# They read what the pages are on paper.
.PHONY: pdftotext
pdftotext:
	@command -v pdftotext >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq poppler-utils >/dev/null; \
	  else echo "the tests need pdftotext: install poppler-utils"; exit 1; fi

.PHONY: test-server
test-server: assets ## the integration tests over the ClickHouse server that STALKSTATS_TEST_DSN names
	@[ -n "$$STALKSTATS_TEST_DSN" ] || { echo "set STALKSTATS_TEST_DSN, for example clickhouse://127.0.0.1:9000/default"; exit 1; }
	go test -count=1 -timeout 20m . ./schemas ./etl/... ./dashboard/...

# With a time and not a number of inputs, go test sometimes ends a fuzzer that
# found nothing with "context deadline exceeded"; a finding names its input.
FUZZTIME ?= 10m
# What inputs reach guides a fuzzer. For a short while that is not worth compiling
# everything anew.
COVERAGE ?= -fuzz=Fuzz
.PHONY: fuzz
fuzz: assets ## every fuzzer, FUZZTIME each (10m, or a number of inputs such as 3000x)
	@mkdir -p .testout; set -e; for package in $$(git grep -lE '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
	  go test -c $(COVERAGE) -o .testout/fuzz.test ./$$package; \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]*' $$package/*_test.go | cut -c6-); do \
	    echo "fuzz $$package $$target"; \
	    (cd $$package && $(CURDIR)/.testout/fuzz.test -test.run='^$$' -test.fuzz="^$$target\$$" -test.fuzztime=$(FUZZTIME) -test.fuzzminimizetime=5x \
	      -test.fuzzcachedir=$$(go env GOCACHE)/fuzz/stalkstats/$$package) >.testout/fuzz.log 2>&1 || \
	      { grep -q "context deadline exceeded" .testout/fuzz.log && ! grep -q "Failing input" .testout/fuzz.log; } || \
	      { cat .testout/fuzz.log; exit 1; }; \
	  done; done

N ?= 1000
.PHONY: kill
kill: assets ## N kills (1000) at random moments of each: loads, migrations, backups, restores, page views
	STALKSTATS_KILLS=$(N) go test -count=1 -timeout 24h -run '^TestKill' -v .

.PHONY: clock
clock: assets ## the 24 hours around both changes of the clocks, in simulated time
	STALKSTATS_WHOLE_DAYS=1 go test -count=1 -timeout 2h -run ClocksChange -v ./internal/command

.PHONY: full-disk
full-disk: assets ## a load with the disk full at every write in turn
	STALKSTATS_EVERY_WRITE=1 go test -count=1 -timeout 1h -run EveryWrite -v .

.PHONY: bench
bench: assets ## the benchmarks; each reports a ratio against a limit taken in the same run
	go test -run='^$$' -bench=. -benchtime=3x -timeout 30m ./...

# With EVERY, such as 5m, a load begins so long after the one before; without, they follow at once.
# With FORCES=43 the readers are of all forces; without, of the home force.
FOR ?= 10m
.PHONY: load
load: assets ## 200 readers for FOR (10m) while releases as large as the Home Office's are loaded; nothing else should run
	STALKSTATS_LOAD_FOR=$(FOR) STALKSTATS_LOAD_EVERY=$(EVERY) STALKSTATS_LOAD_FORCES=$(FORCES) go test -count=1 -run='^$$' -bench=ReadersDuringLoads -benchtime=1x -timeout 24h .

.PHONY: lighthouse
lighthouse: assets chromium ## the scores of Lighthouse for five pages, performance too; nothing else should run
	STALKSTATS_LIGHTHOUSE=1 go test -count=1 -run 'TestLighthouse|TestFirstVisit' -v .

.PHONY: screenshots
screenshots: assets chromium ## pictures of every page in .testout, those of the README in docs/images
	@mkdir -p .testout docs/images
	STALKSTATS_PICTURES=.testout go test -count=1 -run TestScreenshots .
	cp .testout/{overview,measure,recommendations}-1280.png docs/images/

# What a force installs, made to be the same bytes from the same commit: times are its, and
# no path of the machine is in it.
NFPM := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.0
CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
COMMIT_TIME := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
NUMBER := $(shell git describe --tags --match 'v[0-9]*' 2>/dev/null | cut -c2-)
NUMBER := $(or $(NUMBER),0.0.$(shell git rev-list --count HEAD 2>/dev/null || echo 0))
FOLDER := stalkstats-$(NUMBER)-linux-amd64
LIBRARY := usr/lib/stalkstats

.PHONY: package
package: VERSION := $(NUMBER)
package: build ## the tarball and the Debian package in dist, with what they are made of
	rm -rf dist && mkdir -p dist/tree/$(LIBRARY)/lib dist/tree/usr/bin dist/tree/usr/share/doc/stalkstats dist/tree/etc/stalkstats
	cp bin/stalkstats dist/tree/$(LIBRARY)/
	cp node_modules/@chdb/lib-linux-x64-gnu/libchdb.so dist/tree/$(LIBRARY)/lib/
	cp -r sample dist/tree/$(LIBRARY)/
	cp -r README.md CHANGELOG.md SECURITY.md docs dist/tree/usr/share/doc/stalkstats/
	install -m 755 packaging/stalkstats.sh dist/tree/usr/bin/stalkstats
	go run $(CYCLONEDX) app -json -licenses -noserial -main . -output dist/tree/usr/share/doc/stalkstats/sbom-go.json . 2>dist/sbom.log || { cat dist/sbom.log; exit 1; }
	npm sbom --sbom-format=cyclonedx --omit=dev | node -e 'const list = JSON.parse(fs.readFileSync(0)); list.metadata.component.name = require("./package.json").name; console.log(JSON.stringify(list, null, 2))' \
	  > dist/tree/usr/share/doc/stalkstats/sbom-npm.json # npm names it after the folder
	sed -i '/"serialNumber":/d; /"timestamp":/d' dist/tree/usr/share/doc/stalkstats/sbom-*.json # another each time
	$(MAKE) -s packaged-configuration > dist/tree/etc/stalkstats/config.yaml
	chmod -R u=rwX,go=rX dist/tree # whatever the umask: a service of another account must read it
	PACKAGE_VERSION=$(NUMBER) SOURCE_DATE_EPOCH=$(COMMIT_TIME) \
	  go run $(NFPM) package --config packaging/nfpm.yaml --packager deb --target dist/stalkstats_$(NUMBER)_amd64.deb
	mkdir dist/$(FOLDER)
	cp -r dist/tree/$(LIBRARY)/. dist/tree/usr/share/doc/stalkstats/. config.yaml dist/$(FOLDER)/
	tar --sort=name --mtime=@$(COMMIT_TIME) --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw -C dist -c $(FOLDER) | gzip -n > dist/$(FOLDER).tar.gz
	rm -rf dist/$(FOLDER) dist/tree dist/sbom.log
	cd dist && sha256sum *.deb *.tar.gz > SHA256SUMS && cat SHA256SUMS

# Two clones in other folders. The second compiles everything anew, with a narrow umask, another
# language, another zone of time and one processor.
.PHONY: reproducible
reproducible: ## make the packages of the last commit twice, in two clean clones, and compare each byte
	@set -e; apart=$$(mktemp -d); trap 'rm -rf "$$apart"' EXIT; \
	  git clone -q . $$apart/one; git clone -q . $$apart/further/down/another; \
	  (cd $$apart/one && umask 022 && TZ=UTC LC_ALL=C $(MAKE) -s package) >$$apart/one.log 2>&1 || { cat $$apart/one.log; exit 1; }; \
	  (cd $$apart/further/down/another && umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 GOMAXPROCS=1 GOCACHE=$$apart/cache $(MAKE) -s package) >$$apart/another.log 2>&1 || { cat $$apart/another.log; exit 1; }; \
	  diff -r $$apart/one/dist $$apart/further/down/another/dist; cat $$apart/one/dist/SHA256SUMS; echo "the same bytes twice"

.PHONY: packaged-configuration
packaged-configuration: # that of the Debian package
	@sed -e 's|^data_dir: .*|data_dir: /var/lib/stalkstats|' -e 's|from: sample/|from: /$(LIBRARY)/sample/|' config.yaml

.PHONY: clean
clean: ## remove what was built; the figures in data/ stay
	rm -rf bin $(BUILD)
