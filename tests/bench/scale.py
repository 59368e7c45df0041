#!/usr/bin/env python3
"""How the nightly run grows: time and memory per row at several scales of the demo market, and the cost of doing nothing.

    make bench-scale                 # scales 1, 10 and 50, lexical only
    tests/bench/scale.py 5 50 --model all-MiniLM-L6-v2

Each scale runs in a lake of its own in the temporary folder, removed afterwards. The first run makes everything; the second
finds nothing changed. Compare the microseconds per row down the table: they must not grow.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/marketlounge/target"))
PIPELINE = TARGET / "release" / "pipeline"


def run(lake, model):
    """Runs the nightly DAG; returns its end record and the rows that bronze read."""
    command = [PIPELINE, "--json", "run", "nightly", "--slot", "2026-11-20", "--lake", lake, "--model", model]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"the run failed with {ran.returncode}:\n{ran.stderr[-2000:]}")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    jobs = [event["record"] for event in events if event["event"] == "job"]
    rows = sum(job["rows"].get("read", 0) for job in jobs if job["job"].startswith("bronze."))
    return next(event["record"] for event in events if event["event"] == "end"), rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scales", nargs="*", type=int, default=[1, 10, 50])
    parser.add_argument("--model", default="none", help="an encoder of models/weights, or none (default)")
    options = parser.parse_args()
    print(f"{'scale':>6} {'rows':>11} {'first run s':>12} {'µs/row':>8} {'peak MiB':>9} {'again s':>8} {'share':>7}")
    for scale in options.scales:
        folder = Path(tempfile.mkdtemp(prefix="marketlounge-scale-"))
        try:
            demo = [PIPELINE, "demo", "--scale", str(scale), "--landing", folder / "landing", "--truth", folder / "truth.jsonl"]
            subprocess.run(demo, cwd=PROJECT, check=True, capture_output=True)
            first, rows = run(folder, options.model)
            again, _ = run(folder, options.model)
            seconds, idle = first["elapsed_ms"] / 1000, again["elapsed_ms"] / 1000
            peak = (first["peak_memory_bytes"] or 0) >> 20
            print(
                f"{scale:>6} {rows:>11,} {seconds:>12.2f} {seconds / rows * 1e6:>8.1f} {peak:>9} {idle:>8.2f} {idle / seconds:>7.1%}",
                flush=True,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)


main()
