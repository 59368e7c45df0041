#!/usr/bin/env bash
# Compares MarketLounge's hybrid search with BM25, sentence-transformers and their best fixed-weight fusion on judged sets; prints
# one table. Usage: tests/peers/retrieval/run.sh. Needs `make model`, Python 3.11 and, the first time, the network. The Python
# environment stands outside the repository: that of tests/peers/embed, which is set up first, plus a stemmer.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${MARKETLOUNGE_VENV:-$HOME/.cache/marketlounge/venv}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}
ranks=$(mktemp)
trap 'rm -f "$ranks"' EXIT

"$here/../embed/run.sh" --help > /dev/null
"$venv/bin/python" -c 'import snowballstemmer' 2> /dev/null ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check snowballstemmer==3.0.1

# With `unify`, features are those of the whole workspace, so that nothing is compiled twice.
(cd "$root" && cargo build --quiet --release -p unify -p retrieval --example eval)
(cd "$root/models/retrieval" && "$CARGO_TARGET_DIR/release/examples/eval" "$root/models/weights/all-MiniLM-L6-v2" "$ranks" > /dev/null)
"$venv/bin/python" "$here/compare.py" --ours "$ranks" --model "$root/models/weights/all-MiniLM-L6-v2" "$@"
