#!/usr/bin/env python3
"""Whether likelihoods of completion hold what they promise, on the demo market, from the cards of what was fitted.

    make bench-likelihoods                      # scale 20, lexical only
    tests/bench/likelihoods.py --scale 5 --keep /tmp/lake

For projects, bookings and introductions, on folds by deal that the judged model had not seen: the calibration error is at most 0.03, and
the log loss is below that of the base rate and below that of logistic regression as it is, uncalibrated. Prints the table, and the loss
of every candidate under it, draws every served model, and ends with 1 where one of them does not hold.
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
KINDS = ["project", "booking", "intro"]
CALIBRATION_ERROR = 0.03
LOGISTIC = "loss of logistic, calibration none"
CANDIDATES = ["logistic", "boosted", "additive"]
CALIBRATIONS = ["none", "platt", "isotonic"]


def pipeline(*arguments):
    """Runs `pipeline`; returns the JSON lines that it printed."""
    ran = subprocess.run([PIPELINE, "--json", *map(str, arguments)], cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} failed with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def newest(lake, name):
    """The card of the only version of a model in a new lake, promoted or not."""
    versions = pipeline("models", "list", name, "--lake", lake)
    if len(versions) != 1:
        sys.exit(f"{len(versions)} versions of {name} where one was fitted")
    return pipeline("models", "show", versions[0]["version"], "--lake", lake)[0]


def judge(card):
    """What the card does not hold."""
    metrics = card["metrics"]
    claims = {
        f"calibration error at most {CALIBRATION_ERROR}": metrics["calibration_error"] <= CALIBRATION_ERROR,
        "log loss below the base rate's": metrics["loss"] < metrics["constant_loss"],
        "log loss below uncalibrated logistic regression's": metrics["loss"] < metrics[LOGISTIC],
        "promoted": card["verdict"]["is"] == "promoted",
    }
    return [claim for claim, holds in claims.items() if not holds]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the lake, which then stays")
    parser.add_argument("--plots", type=Path, default=TARGET / "likelihoods", help="where plots are drawn")
    options = parser.parse_args()
    lake = options.keep or Path(tempfile.mkdtemp(prefix="marketlounge-likelihoods-"))
    try:
        if not (lake / "snapshots/CURRENT").exists():
            pipeline(
                "demo", "--scale", options.scale, "--seed", options.seed, "--landing", lake / "landing", "--truth", lake / "truth.jsonl"
            )
            pipeline("run", "nightly", "--slot", "2026-11-20", "--lake", lake, "--model", "none")
        options.plots.mkdir(parents=True, exist_ok=True)
        print("| | deals | log loss | base rate | uncalibrated logistic | calibration error | champion |")
        print("|---|---|---|---|---|---|---|")
        broken, losses = [], []
        for kind in KINDS:
            card = newest(lake, f"likelihood_{kind}")
            metrics = card["metrics"]
            figures = [metrics["loss"], metrics["constant_loss"], metrics[LOGISTIC], metrics["calibration_error"]]
            row = [kind, f"{card['deals']:,}", *(f"{figure:.4f}" for figure in figures), card["champion"]]
            print(f"| {' | '.join(row)} |", flush=True)
            for candidate in CANDIDATES:
                of = [metrics[f"loss of {candidate}, calibration {calibration}"] for calibration in CALIBRATIONS]
                losses.append(f"| {kind} | {candidate} | {' | '.join(f'{loss:.5f}' for loss in of)} |")
            broken += [f"{card['name']}: not {claim}" for claim in judge(card)]
        print(f"\n| | candidate | {' | '.join(CALIBRATIONS)} |\n|---|---|---|---|---|", *losses, "", sep="\n")
        for says in ["price", "likelihood"]:
            for kind in KINDS:
                name = f"{says}_{kind}"
                pipeline("models", "plot", name, "--out", options.plots / f"{name}.svg", "--lake", lake)
        print(f"plots are in {options.plots}")
        sys.exit("\n".join(broken) or 0)
    finally:
        if not options.keep:
            shutil.rmtree(lake, ignore_errors=True)


main()
