#!/usr/bin/env bash
# Compares our screens with numpy and scipy on ten thousand random auctions, then our co-bidding graph with networkx and scipy on a million bids,
# in one run; prints distances, seconds, memory and ratios. Usage: tests/peers/collusion/run.sh [options of graph.py]. Needs Python 3.11 and,
# the first time, the network. The environment stands outside the repository, under ~/.cache/marketlounge.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${MARKETLOUNGE_MODELS_VENV:-$HOME/.cache/marketlounge/venv-models}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}
programs=$CARGO_TARGET_DIR/release/examples

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
# With `unify`, features are those of the whole workspace, so that nothing is compiled twice.
(cd "$root" && cargo build --quiet --release -p unify -p collusion --examples)
"$venv/bin/python" "$here/screens.py" --program "$programs/screen_prices"
echo
exec "$venv/bin/python" "$here/graph.py" --program "$programs/time_bids" "$@"
