# The front door. `make` prints what there is. Longer parts live in hack/make/, one file a theme.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Node 24 comes from npm (package `node`), so that a machine with an older Node works.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
INSTALLED := node_modules/.package-lock.json

include $(sort $(wildcard hack/make/*.mk))

##@ Everyday

.PHONY: help
help: ## Print this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## Install the exact packages of the lock file

$(INSTALLED): package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or later (apt-get install nodejs npm)" >&2; exit 1; }
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@

.PHONY: test
test: $(INSTALLED) ## Run every test, all set-up included; the demo is one of them
	node hack/test/main.ts

.PHONY: verify
verify: $(INSTALLED) ## Check types, lint, format, structure, dead code, and that everything generated is up to date
	node hack/verify/main.ts

.PHONY: format
format: $(INSTALLED) ## Format every file
	npm run --silent format

.PHONY: generate
generate: $(INSTALLED) ## Write everything that is generated: CRDs, references, chart rules
	node hack/generate/main.ts

.PHONY: bundle
bundle: $(INSTALLED) ## Bundle the program into dist/
	npm run --silent bundle
