# Two commands do everything: `make nightly` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One target folder outside the checkout: a clean clone reuses what another one built.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/marketlounge/target
BIN := $(CARGO_TARGET_DIR)/release
PYTHON := $(HOME)/.cache/marketlounge/venv-tests
LAKE ?= data
DAG ?= nightly

.PHONY: help setup build model python nightly serve test kill-test lint unit docs bench-embed bench-retrieval bench-scale bench-autocomplete bench-search bench-models bench-ranking bench-collusion bench-anomaly bench-likelihoods bench-abuse bench-incremental bench-transform

help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

setup: ## Install what the build needs and the machine lacks (protoc)
	@.ci/setup

build: setup ## Build the programs `pipeline` and `serve`
	cargo build --release --workspace --bins

model: ## Fetch the sentence encoder's weights (the match is lexical only without them)
	@python3 models/fetch.py

nightly: build ## Land the demo market where nothing has landed, run the nightly DAG, publish a snapshot
	@$(MAKE) --no-print-directory model \
	  || echo "notice: no encoder could be had; the match will be lexical only, and every answer will say so"
	@if [ -d $(LAKE)/landing/companies ]; then echo "landing files are there already: $(LAKE)/landing"; \
	  else $(BIN)/pipeline demo --landing $(LAKE)/landing --truth $(LAKE)/demo_truth.jsonl; fi
	$(BIN)/pipeline run $(DAG) --lake $(LAKE)

serve: build ## Serve the announced snapshot on localhost:8080
	$(BIN)/serve --lake $(LAKE)

test: lint unit docs ## Everything that must hold before a change lands

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

unit: build
	@$(MAKE) --no-print-directory model || echo "notice: tests that need the encoder's weights are skipped"
	@tests/python/install.sh $(PYTHON) || { [ $$? = 3 ] && \
	  echo "notice: tests on S3 and of BI tools are skipped: their Python packages are not here, and the package index cannot be reached"; }
	@[ -x $(PYTHON)/bin/python ] || export MARKETLOUNGE_NO_PYTHON=1; cargo test --release --workspace
	$(BIN)/pipeline test

python: ## Install what tests ask of PyPI (an S3 emulator, DuckDB, pyarrow, pandas, polars) in an environment of its own
	@tests/python/install.sh $(PYTHON)

kill-test: build ## Kill the nightly at scale 5 at 200 random instants, also while it publishes; half an hour on two busy cores
	cargo test --release --workspace --test all -- --ignored --nocapture survival::two_hundred

docs: setup
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

bench-embed: build ## Compare our encoder with sentence-transformers: texts per second, cosine
	tests/peers/embed/run.sh

bench-retrieval: build ## Quality of the hybrid search beside BM25, sentence-transformers and their best fusion, on judged sets
	tests/peers/retrieval/run.sh

bench-search: setup ## Compare our search with PostgreSQL + pgvector + tsvector: recall, latency, queries per second, memory
	tests/peers/search/run.sh

bench-scale: build ## Time and memory per row of the nightly run at scales 1, 10 and 50
	tests/bench/scale.py

bench-autocomplete: build ## Latency of autocompletion on 100,000 entries: engine, node, and SQLite FTS5 beside them
	cargo build --release -p unify -p suggest -p marketlounge-tests --examples
	tests/peers/suggest/compare.py

bench-models: setup ## Compare price quantiles and chances with LightGBM and scikit-learn: pinball, coverage, log loss, calibration, fit time
	tests/peers/pricing/run.sh

bench-ranking: setup ## Compare rankers with LightGBM's lambdarank on sealed bids: NDCG@5 out of fold, with its uncertainty
	tests/peers/ranking/run.sh

bench-collusion: setup ## Compare screens with scipy and the co-bidding graph with networkx on a million bids: distances, seconds, memory
	tests/peers/collusion/run.sh

bench-anomaly: setup ## Compare isolation forests with scikit-learn's on labelled sets: ROC-AUC, time, memory
	tests/peers/anomaly/run.sh

bench-likelihoods: build ## Hold likelihoods of the demo at scale 20 to their promises, and draw them: log loss, calibration error
	tests/bench/likelihoods.py

bench-abuse: build ## Hold abuse detection to its promises on demo markets of fresh seeds at scales 1, 10 and 50: rings, dumping, spam, honest providers
	tests/bench/abuse.py

bench-incremental: build ## What a night with one new row in a hundred costs, as a share of a run over everything: by stage, wall clock and processor
	tests/bench/incremental.py

bench-transform: build ## Landing to gold on 10 million rows beside the same queries in DuckDB: seconds by stage, processor, memory, equal tables
	tests/peers/transform/run.sh
