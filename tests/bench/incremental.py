#!/usr/bin/env python3
"""What a night with few new rows costs, as a share of a run over everything from nothing.

    make bench-incremental                        # scale 20, 1 % new rows, the encoder of models/weights where it is
    tests/bench/incremental.py --scale 5 --share 0.05 --model none

The demo market lands but for the last rows of each table; a first night makes everything. Then the last rows land, and from that
state, in copies of the lake, the nightly DAG and the hourly one each take them in. A new lake runs over all of it from nothing: the
whole that the others are shares of. The night fits no model anew where dags/nightly.toml lets it stand; with models fitted anew its
snapshot must be the one of the whole, else the exit code is 1.
Seconds are of the processor (user and system), which other work on the machine changes little; the wall clock stands beside them.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/marketlounge/target"))
PIPELINE = TARGET / "release" / "pipeline"
STAGES = ["bronze", "silver", "gold", "signs", "models", "texts", "snapshot"]


def stage(job):
    """Returns the part of a night that a job belongs to."""
    layer = job.split(".")[0]
    if layer in ("bronze", "silver", "gold"):
        return layer
    if job.startswith("fit_"):
        return "models"
    return {"embed_texts": "texts", "publish_snapshot": "snapshot"}.get(job, "signs")


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(dag, lake, model, *more):
    """Runs a DAG; returns what it took by stage (milliseconds of the wall clock), in all, and how many rows were merged."""
    before = processor_seconds()
    command = [PIPELINE, "--json", "run", dag, "--slot", "2026-11-20", "--lake", lake, "--model", model, *more]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{dag} failed with {ran.returncode}:\n{ran.stderr[-2000:]}")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    jobs = [event["record"] for event in events if event["event"] == "job"]
    by_stage = defaultdict(int)
    for job in jobs:
        by_stage[stage(job["job"])] += job["elapsed_ms"]
    end = next(event["record"] for event in events if event["event"] == "end")
    bronze = [job["rows"] for job in jobs if job["job"].startswith("bronze.")]
    return {
        "stages": by_stage,
        "wall": end["elapsed_ms"] / 1000,
        "processor": processor_seconds() - before,
        "merged": sum(job["rows"].get("merged", 0) for job in jobs),
        "read": sum(rows.get("read", 0) for rows in bronze),
    }


def announced(lake):
    return json.loads((lake / "snapshots/CURRENT").read_text())["id"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=20, help="of the demo market (default 20: half a million rows)")
    parser.add_argument("--share", type=float, default=0.01, help="of rows that land later (default 0.01)")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="an encoder of models/weights, or none")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="marketlounge-incremental-"))
    try:
        first, later = folder / "night", folder / "later"
        demo = [PIPELINE, "demo", "--scale", str(options.scale), "--landing", first / "landing"]
        demo += ["--truth", folder / "truth.jsonl", "--later", later, "--later-share", str(options.share)]
        subprocess.run(demo, cwd=PROJECT, check=True, capture_output=True)
        run("nightly", first, options.model)
        shutil.copytree(later, first / "landing", dirs_exist_ok=True)
        hour, whole = folder / "hour", folder / "whole"
        shutil.copytree(first, hour)
        shutil.copytree(first / "landing", whole / "landing")
        results = {
            "from nothing": run("nightly", whole, options.model),
            "night": run("nightly", first, options.model),
            "hour": run("hourly", hour, options.model),
        }
        report(results)
        run("nightly", first, options.model, "--refit")
        if announced(first) != announced(whole):
            sys.exit("the night's snapshot, with models fitted anew, is not that of the whole")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(results):
    whole = results["from nothing"]
    print(f"{whole['read']:,} landed rows, {results['night']['merged']:,} of them merged into silver tables by the night")
    columns = "".join(f"{name:>9}" for name in STAGES)
    print(f"{'':14}{columns}{'wall s':>9}{'share':>8}{'cpu s':>9}{'share':>8}")
    for name, result in results.items():
        stages = "".join(f"{result['stages'][stage] / 1000:>9.2f}" for stage in STAGES)
        wall, processor = result["wall"] / whole["wall"], result["processor"] / whole["processor"]
        print(f"{name:14}{stages}{result['wall']:>9.2f}{wall:>8.1%}{result['processor']:>9.2f}{processor:>8.1%}")


main()
