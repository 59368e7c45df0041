#!/usr/bin/env bash
# Installs what tests ask of PyPI, at the versions of requirements.txt, in a Python environment of its own; fast where it is there already.
# Usage: tests/python/install.sh FOLDER. Leaves no half environment. Exit codes: 0 it is there; 3 the package index cannot be reached; 1 it can,
# and something cannot be installed all the same.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$1
cmp -s "$here/requirements.txt" "$venv/installed.txt" && exit 0
rm -rf "$venv"
python3 -m venv "$venv"
if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"; then
  cp "$here/requirements.txt" "$venv/installed.txt"
else
  code=3
  "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$venv/reached" six >/dev/null 2>&1 && code=1
  rm -rf "$venv"
  exit $code
fi
