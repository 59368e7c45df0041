#!/usr/bin/env bash
# Compares crate `encoder` with sentence-transformers on the same weights, texts and threads; prints one table.
# Usage: tests/peers/embed/run.sh [options of compare.py]. Needs `make model`, Python 3.11 and, the first time, the network.
# The Python environment (1.8 GB) stands outside the repository: ~/.cache/marketlounge/venv, or MARKETLOUNGE_VENV.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${MARKETLOUNGE_VENV:-$HOME/.cache/marketlounge/venv}
target=${CARGO_TARGET_DIR:-$HOME/.cache/marketlounge/target}
export CARGO_TARGET_DIR=$target
mark=$venv/.embed-$(cat "$here/requirements.txt" "$here/stub_cuda.py" "$here/run.sh" | sha256sum | cut -c1-12)

if [ ! -e "$mark" ]; then
    echo "setting up $venv (downloads about 800 MB)" >&2
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    pip=(nice -n 10 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
    "${pip[@]}" --no-deps torch==2.15.0 sentence-transformers==6.2.0
    # pip then remarks on the CUDA wheels that are left out on purpose.
    "${pip[@]}" -r "$here/requirements.txt" 2> >(grep -v -e 'torch 2.15.0 requires' -e 'dependency resolver' >&2)
    "$venv/bin/python" "$here/stub_cuda.py" >&2
    touch "$mark"
fi

# With `unify`, features are those of the whole workspace, so that nothing is compiled twice.
(cd "$root" && cargo build --quiet --release -p unify -p encoder --example embed)
exec "$venv/bin/python" "$here/compare.py" --ours "$target/release/examples/embed" "$@"
