# Two commands do everything: make evidence, make test.
export AWS_EC2_METADATA_DISABLED = true
# One set of flags for tests and builds, so that the AWS clients compile once; without
# inlining in them, which halves the compiler's time and memory, and takes 7 MB off.
export GOFLAGS = -trimpath -gcflags=github.com/aws/aws-sdk-go-v2/service/...=-l
PY = .venv/bin

evidence: build ## run the main job on the embedded sample organisation
	bin/exhibit evidence --sample sample-organisation || test $$? -eq 3 # exceptions were found: the sample has ten on purpose

test: $(PY)/moto_server ## run every test, against moto over real HTTP
	EXHIBIT_REQUIRE_MOTO=1 EXHIBIT_MOTO=$(CURDIR)/$(PY)/moto_server EXHIBIT_AWS=$(CURDIR)/$(PY)/aws go test -timeout 30m ./...

bench: build $(PY)/moto_server ## measure against named peers, as ratios in one run
	EXHIBIT_MOTO=$(CURDIR)/$(PY)/moto_server EXHIBIT_AWS=$(CURDIR)/$(PY)/aws go run ./bench

judge: evidence .judge/installed ## the sample's package by other people's tools: Chromium, axe, the Nu checker, poppler, LibreOffice; then all of it with every string hostile
	EXHIBIT_SITE=$$(ls -d $(CURDIR)/sample-organisation/out/SAMPLE-*/) EXHIBIT_JUDGE=$(CURDIR)/.judge go test -count=1 -timeout 20m -v ./internal/gates
	EXHIBIT_SITE=$$(ls -d $(CURDIR)/sample-organisation/out/SAMPLE-*/) EXHIBIT_JUDGE=$(CURDIR)/.judge go test -count=1 -timeout 20m -v -run TestEveryStringHostile ./cmd/exhibit

lint: ## what can be judged without running anything
	test -z "$$(gofmt -l cmd collect control evidence internal policies render seal site templates bench)"
	go vet ./...

build: ## bin/exhibit, bin/exhibit-aws (which it starts to ask AWS) and bin/exhibit-verify
	go build -ldflags='-s -w' -o bin/ ./cmd/exhibit ./cmd/exhibit-aws ./cmd/exhibit-verify

clean:
	rm -rf bin .venv .judge sample-organisation

$(PY)/moto_server: internal/awstest/requirements.txt
	python3 -m venv .venv && $(PY)/pip install --quiet --disable-pip-version-check -r internal/awstest/requirements.txt && touch $@

.judge/installed: internal/gates/package-lock.json
	mkdir -p .judge/bin && cp internal/gates/package.json internal/gates/package-lock.json .judge/
	cd .judge && npm ci --no-audit --no-fund --ignore-scripts
	GOFLAGS= GOBIN=$(CURDIR)/.judge/bin go install github.com/pdfcpu/pdfcpu/cmd/pdfcpu@v0.15.0
	touch $@

.PHONY: evidence test bench judge lint build clean
