#!/usr/bin/env bash
# Compares our search with PostgreSQL + pgvector + tsvector on the same documents and queries; prints one table per size.
# Usage: tests/peers/search/run.sh [options of compare.py]. Needs `make model`, the shared data, Python 3.11 and, the first
# time, the network. The environment and the made-up documents (2 GB at 1 M) stand outside the repository, under
# ~/.cache/marketlounge (MARKETLOUNGE_BENCH); the tables are made in the temporary folder and removed
# (`--keep-peer` keeps the database of the peer, whose building takes most of an hour at 1 M).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${MARKETLOUNGE_SEARCH_VENV:-$HOME/.cache/marketlounge/venv-search}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
# With `unify`, features are those of the whole workspace, so that nothing is compiled twice.
(cd "$root" && cargo build --quiet --release -p unify -p retrieval --example search)
(cd "$root" && cargo build --quiet --release -p unify -p encoder --example embed)
programs=$CARGO_TARGET_DIR/release/examples
exec "$venv/bin/python" "$here/compare.py" --ours "$programs/search" --embed "$programs/embed" "$@"
