#!/usr/bin/env bash
# Compares our price quantiles and chances with LightGBM and scikit-learn on the open contracts and sealed bids, in one run; prints a table
# for each. Usage: tests/peers/pricing/run.sh [options of compare.py]. Needs the shared data, Python 3.11 and, the first time, the
# network. The environment stands outside the repository, under ~/.cache/marketlounge.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${MARKETLOUNGE_MODELS_VENV:-$HOME/.cache/marketlounge/venv-models}
data=${MARKETLOUNGE_SHARED_DATA:-$root/../shared/data}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}

[ -d "$data/prices" ] || { echo "skipped: the open price data is not in $data" >&2; exit 0; }
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
# With `unify`, features are those of the whole workspace, so that nothing is compiled twice.
(cd "$root" && cargo build --quiet --release -p unify -p pricing -p likelihood --examples)
exec "$venv/bin/python" "$here/compare.py" --data "$data" --programs "$CARGO_TARGET_DIR/release/examples" "$@"
