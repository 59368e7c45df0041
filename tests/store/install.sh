#!/usr/bin/env bash
# Installs moto, at the versions of requirements.txt, in a Python environment of its own; fast where it is there already.
# Usage: tests/store/install.sh FOLDER. Fails, and leaves no half environment, where the package index cannot be reached.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$1
cmp -s "$here/requirements.txt" "$venv/installed.txt" && exit 0
rm -rf "$venv"
python3 -m venv "$venv"
if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"; then
  cp "$here/requirements.txt" "$venv/installed.txt"
else
  rm -rf "$venv"
  exit 1
fi
