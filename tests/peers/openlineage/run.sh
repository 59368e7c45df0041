#!/usr/bin/env bash
# Holds the events of a lake's runs to OpenLineage's schemas with the Python package `jsonschema`, a second opinion beside tests/all/told.rs:
# tests/peers/openlineage/run.sh data
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/marketlounge/venv-openlineage
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
exec "$venv/bin/python" "$here/hold.py" "$here/../../../pipeline/lineage/tests/openlineage" "${1:-data}"
