#!/usr/bin/env bash
# Compares our bronze, silver and gold with the same queries in DuckDB; prints seconds, memory and ratios, and fails where a table
# differs. Usage: tests/peers/transform/run.sh [options of compare.py]. Needs Python 3.11 and, the first time, the network. The
# environment stands outside the repository, under ~/.cache/marketlounge; what is landed and made lies in the temporary folder (some
# 4 GB at 10 million rows) and is removed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${MARKETLOUNGE_TRANSFORM_VENV:-$HOME/.cache/marketlounge/venv-transform}
target=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
exec "$venv/bin/python" "$here/compare.py" --pipeline "${MARKETLOUNGE_PIPELINE:-$target/release/pipeline}" "$@"
