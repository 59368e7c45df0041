#!/usr/bin/env python3
"""Compares our isolation forests with scikit-learn's; `run.sh` prepares what it needs."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.metrics import roc_auc_score

HERE = pathlib.Path(__file__).resolve().parent
# More columns than any set has: hyperplanes lean on all of them.
ALL = 1_000_000
PEERS = {"sklearn": None, "sklearn, 2 jobs": 2}
OURS = {"axis": 0, "extended": ALL}


def contest(program, settings, seeds, work, truths):
    """One contestant on one set, in a process of its own: mean AUC, seconds to fit and to score, memory in MiB.

    Seconds are the least over seeds: what others on the machine take away is no part of them."""
    scores = [str(work / f"scores_{seed}.npy") for seed in seeds]
    given = {**settings, "rows": str(work / "rows.npy"), "seeds": seeds, "scores": scores}
    (work / "settings.json").write_text(json.dumps(given))
    subprocess.run([*program, work / "settings.json", work / "out.json"], check=True)
    found = json.loads((work / "out.json").read_text())
    aucs = [roc_auc_score(truths, np.load(path)) for path in scores]
    fit, score = (min(run[part] for run in found["runs"]) for part in ("fit", "score"))
    peak, loaded = found["peak"] / 1024, found["loaded"] / 1024
    return {"auc": float(np.mean(aucs)), "deviation": float(np.std(aucs)), "fit": fit, "score": score, "peak": peak, "loaded": loaded}


def contests(path, chosen, work):
    held = np.load(path)
    rows, truths = np.ascontiguousarray(held["X"], dtype=np.float64), held["y"]
    np.save(work / "rows.npy", rows)
    ours, peer = [chosen.programs / "score_anomalies"], [sys.executable, HERE / "peer.py"]
    found = {name: contest(ours, {"columns": columns}, chosen.seeds, work, truths) for name, columns in OURS.items()}
    for name, jobs in PEERS.items():
        found[name] = contest(peer, {"jobs": jobs}, chosen.seeds, work, truths)
    return rows.shape, found


def seconds(one):
    return one["fit"] + one["score"]


def show(name, shape, found):
    fastest = min(seconds(found[peer]) for peer in PEERS)
    print(f"\n{name}, {shape[0]:,} rows x {shape[1]} columns")
    print(f"  {'':<16} {'ROC-AUC':>8} {'(deviation)':>11} {'points':>7} {'fit s':>8} {'score s':>8} {'times faster':>13} {'peak MiB':>9} {'over the rows':>14}")
    for contestant, one in found.items():
        apart = 100 * (one["auc"] - found["sklearn"]["auc"])
        ratio = f"{fastest / seconds(one):.1f}" if contestant in OURS else ""
        print(
            f"  {contestant:<16} {one['auc']:>8.4f} {one['deviation']:>11.4f} {apart:>+7.2f} {one['fit']:>8.3f} {one['score']:>8.3f} "
            f"{ratio:>13} {one['peak']:>9.0f} {one['peak'] - one['loaded']:>14.0f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with anomaly/")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of the built examples")
    parser.add_argument("--threads", type=int, default=2, help="threads of our program")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of every contestant: 0, 1 and so on")
    parser.add_argument("--only", help="one set, by a part of its name")
    chosen = parser.parse_args()
    chosen.seeds = list(range(chosen.seeds))
    os.environ["RAYON_NUM_THREADS"] = str(chosen.threads)
    paths = sorted((chosen.data / "anomaly").glob("*.npz"), key=lambda path: int(path.stem.split("_")[0]))
    every = {}
    with tempfile.TemporaryDirectory() as work:
        for path in paths:
            if chosen.only is None or chosen.only in path.stem:
                shape, found = contests(path, chosen, pathlib.Path(work))
                show(path.stem, shape, found)
                every[path.stem] = found
    print(f"\nmean ROC-AUC of {len(every)} sets, {len(chosen.seeds)} seeds each; the least and the most that ours is faster than the faster peer")
    peer = np.mean([found["sklearn"]["auc"] for found in every.values()])
    print(f"  {'sklearn':<10} {peer:.4f}")
    for name in OURS:
        mean = np.mean([found[name]["auc"] for found in every.values()])
        ratios = [min(seconds(found[peer]) for peer in PEERS) / seconds(found[name]) for found in every.values()]
        print(f"  {name:<10} {mean:.4f} ({100 * (mean - peer):+.2f} points), {min(ratios):.1f} to {max(ratios):.1f} times faster")


if __name__ == "__main__":
    main()
