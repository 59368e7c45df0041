#!/usr/bin/env bash
# Compares our isolation forests with scikit-learn's on labelled sets: area under the ROC curve, time to fit and score, peak memory, in one
# run. Usage: tests/peers/anomaly/run.sh [options of compare.py]. Needs the shared data, Python 3.11 and, the first time, the network. The
# environment is that of tests/peers/pricing, outside the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${MARKETLOUNGE_MODELS_VENV:-$HOME/.cache/marketlounge/venv-models}
data=${MARKETLOUNGE_SHARED_DATA:-$root/../shared/data}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}

[ -d "$data/anomaly" ] || { echo "skipped: the anomaly sets are not in $data" >&2; exit 0; }
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/../pricing/requirements.txt"
# With `unify`, features are those of the whole workspace, so that nothing is compiled twice.
(cd "$root" && cargo build --quiet --release -p unify -p anomaly --examples)
exec "$venv/bin/python" "$here/compare.py" --data "$data" --programs "$CARGO_TARGET_DIR/release/examples" "$@"
