#!/usr/bin/env python3
"""Compares our rankers with LightGBM's lambdarank; `run.sh` prepares what it needs."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with bids/")
parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of the built examples")
parser.add_argument("--threads", type=int, default=2, help="threads of every contestant")
parser.add_argument("--splits", type=int, default=5, help="parts of the auctions, each as test in turn")
chosen = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["RAYON_NUM_THREADS"] = str(chosen.threads)
# Waiting threads sleep: where others share the machine, spinning ones cost the peers ten times their time.
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "pricing"))

import lightgbm  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import auctions  # noqa: E402
import data  # noqa: E402

DEPTH = 5
DISCOUNTS = 1 / np.log2(np.arange(DEPTH) + 2)


def ndcg(said, won):
    """NDCG@5 of one auction; bids of one score each have the mean gain of them all."""
    table = pd.DataFrame({"said": said, "won": won})
    gains = table.groupby("said")["won"].transform("mean").to_numpy()
    found = gains[np.argsort(-said, kind="stable")][:DEPTH]
    best = np.sort(won)[::-1][:DEPTH]
    return float((found * DISCOUNTS[: len(found)]).sum() / (best * DISCOUNTS[: len(best)]).sum())


def figures(said, won, auction):
    return {a: ndcg(said[rows], won[rows]) for a, rows in pd.Series(range(len(won))).groupby(auction).groups.items()}


def peers(columns):
    directions = [-1 if name == "price" else 0 for name in columns]
    common = {"n_jobs": chosen.threads, "verbose": -1, "random_state": 0}
    return {
        "LightGBM, 150 trees of 8 leaves": lightgbm.LGBMRanker(
            n_estimators=150, learning_rate=0.05, num_leaves=8, min_child_samples=20, reg_lambda=1.0,
            monotone_constraints=directions, **common,
        ),
        "LightGBM, defaults": lightgbm.LGBMRanker(**common),
    }


def compare(rows, won, auction, parts, work):
    data.write(work / "rows.csv", rows, won, group=auction)
    listed = [{"train": train.tolist(), "test": test.tolist()} for train, test in parts]
    (work / "splits.json").write_text(json.dumps(listed))
    subprocess.run([chosen.programs / "fit_rankings", work / "rows.csv", work / "splits.json", work / "ours.json"], check=True)
    ours = json.loads((work / "ours.json").read_text())
    typed = rows.copy()
    for name in rows:
        if rows[name].dtype.kind != "f":
            typed[name] = typed[name].astype("category")
    found, seconds = {}, {}

    def add(name, said, test, spent):
        found.setdefault(name, {}).update(figures(said, won[test], auction[test]))
        seconds.setdefault(name, []).append(spent)

    for (train, test), mine in zip(parts, ours):
        add("by lot", np.zeros(len(test)), test, 0.0)
        if "price" in rows:
            add("cheapest first", -rows["price"].to_numpy()[test], test, 0.0)
        # The peer wants the rows of an auction together.
        train = train[np.argsort(auction[train], kind="stable")]
        sizes = pd.Series(auction[train]).groupby(auction[train]).size().to_numpy()
        for name, model in peers(list(rows)).items():
            start = time.perf_counter()
            model.fit(typed.iloc[train], won[train].astype(int), group=sizes)
            add(name, model.predict(typed.iloc[test]), test, time.perf_counter() - start)
        for one in mine:
            add("ours: " + one["name"], np.array(one["said"]), test, one["seconds"])
    contests = [one for mine in ours for one in mine if one["name"] == "contest"]
    return found, seconds, contests


def show(kind, found, seconds, contests):
    peer = "LightGBM, 150 trees of 8 leaves"
    print(f"\nbids {kind}, {len(found[peer])} auctions: {'':<20} NDCG@5, less LightGBM's (95 %)  seconds")
    for name, by_auction in found.items():
        apart = np.array([by_auction[a] - found[peer][a] for a in by_auction])
        reach = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart))
        mean = np.mean(list(by_auction.values()))
        print(f"  {name:<40} {mean:.4f}  {apart.mean():+.4f} ± {reach:.4f}  {np.mean(seconds[name]):.2f} s")
    for one in contests:
        report = one["report"]
        print(
            f"  contest within the training auctions: {report['verdict']}, {report['champion']['name']} {report['champion']['ndcg_5']:.4f}, "
            f"formula {report['formula']:.4f}, chance {report['chance']:.4f}, {one['bytes']} bytes"
        )


if __name__ == "__main__":
    rows, prices, won, auction = auctions.bids(chosen.data / "bids" / "tsuchiura_data.csv")
    order = np.random.default_rng(0).permutation(auction.max() + 1)
    parts = []
    for part in range(chosen.splits):
        held = np.isin(auction, order[part :: chosen.splits])
        parts.append((np.flatnonzero(~held), np.flatnonzero(held)))
    with tempfile.TemporaryDirectory() as work:
        for kind, table in [("before prices are opened", rows), ("with their prices", pd.concat([rows, prices], axis=1))]:
            show(kind, *compare(table, won, auction, parts, pathlib.Path(work)))
