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
    """One contestant on one set, in a process of its own: AUC of each seed, seconds to fit, to score and of processor, memory in MiB."""
    scores = [str(work / f"scores_{seed}.npy") for seed in seeds]
    given = {**settings, "rows": str(work / "rows.npy"), "seeds": seeds, "scores": scores}
    (work / "settings.json").write_text(json.dumps(given))
    subprocess.run([*program, work / "settings.json", work / "out.json"], check=True)
    found = json.loads((work / "out.json").read_text())
    aucs = [roc_auc_score(truths, np.load(path)) for path in scores]
    least = {part: min(run[part] for run in found["runs"]) for part in ("fit", "score", "processor")}
    peak, loaded = found["peak"] / 1024, found["loaded"] / 1024
    return {"aucs": aucs, "auc": float(np.mean(aucs)), "peak": peak, "over": peak - loaded, **least}


def contests(path, chosen, work):
    """All contestants on one set, in turns. Seconds are the least of all: what others on the machine take away is no part of them."""
    held = np.load(path)
    rows, truths = np.ascontiguousarray(held["X"], dtype=np.float64), held["y"]
    np.save(work / "rows.npy", rows)
    ours, peer = [chosen.programs / "score_anomalies"], [sys.executable, HERE / "peer.py"]
    every = {name: (ours, {"columns": columns}) for name, columns in OURS.items()}
    every |= {name: (peer, {"jobs": jobs}) for name, jobs in PEERS.items()}
    found = {}
    for _ in range(chosen.rounds):
        for name, (program, settings) in every.items():
            one = contest(program, settings, chosen.seeds, work, truths)
            for part in ("fit", "score", "processor"):
                one[part] = min(one[part], found.get(name, one)[part])
            found[name] = one
    return rows.shape, found


def seconds(one):
    return one["fit"] + one["score"]


def show(name, shape, found):
    fastest = min(seconds(found[peer]) for peer in PEERS)
    print(f"\n{name}, {shape[0]:,} rows x {shape[1]} columns")
    heads = ["ROC-AUC", "deviation", "points", "fit s", "score s", "processor s", "times faster", "peak MiB", "over rows"]
    print(f"  {'':<16}" + "".join(f"{head:>13}" for head in heads))
    for contestant, one in found.items():
        cells = [
            f"{one['auc']:.4f}",
            f"{np.std(one['aucs']):.4f}",
            f"{100 * (one['auc'] - found['sklearn']['auc']):+.2f}",
            f"{one['fit']:.3f}",
            f"{one['score']:.3f}",
            f"{one['processor']:.2f}",
            f"{fastest / seconds(one):.1f}" if contestant in OURS else "",
            f"{one['peak']:.0f}",
            f"{one['over']:.0f}",
        ]
        print(f"  {contestant:<16}" + "".join(f"{cell:>13}" for cell in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with anomaly/")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of the built examples")
    parser.add_argument("--threads", type=int, default=2, help="threads of our program")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of every contestant: 0, 1 and so on")
    parser.add_argument("--rounds", type=int, default=3, help="turns that every contestant has on a set")
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
