#!/usr/bin/env python3
"""Screens of random auctions by numpy and scipy, against ours.

`screens.py --program screen_prices` compares ten thousand auctions, with ties, two bids, one bid and no spread, and fails beyond 1e-9.
`screens.py --golden FILE` writes the few hundred that `make test` compares with.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

TOLERANCE = 1e-9


def auctions(count, seed):
    """Prices in cents: of every tenth kind ties, two bids, one bid, no spread, none at all, or a spread of a few cents."""
    random = np.random.default_rng(seed)
    for at in range(count):
        kind = at % 10
        size = {0: 1, 1: 2, 2: 2}.get(kind, int(random.integers(3, 30)))
        middle = float(np.exp(random.uniform(np.log(1e3), np.log(1e9))))
        if kind == 9 and at % 100 == 99:
            size = 0
        prices = np.rint(middle * np.exp(random.uniform(0.005, 0.5) * random.standard_normal(size))).clip(1)
        if kind == 2 or (kind == 3 and at % 20 == 3):
            prices = np.full(size, np.rint(middle))
        elif kind == 3:
            prices[1:] = prices.max() + 100
        elif kind == 4:
            prices = prices[random.integers(0, max(1, size // 3), size)]
        elif kind == 5:
            prices = np.rint(middle) + random.integers(0, 50, size)
        yield [float(price) for price in prices]


def screens(prices):
    """The definitions, written once more: none where one is not defined."""
    names = ["variation_coefficient", "spread_share", "difference_share", "relative_distance", "normalised_distance"]
    names += ["alternative_distance", "skewness", "kurtosis", "uniformity"]
    found = dict.fromkeys(names)
    b = np.sort(np.array(prices))
    n = len(b)
    if n < 2:
        return found
    low, high, gap = b[0], b[-1], b[1] - b[0]
    found["variation_coefficient"] = stats.variation(b, ddof=1)
    found["spread_share"] = (high - low) / low
    found["difference_share"] = gap / low
    if high > low:
        found["normalised_distance"] = gap / np.diff(b).mean()
        found["uniformity"] = stats.kstest((b - low) / (high - low), "uniform").statistic
        # Moments do not change where all prices move by the same; moved to 0 scipy loses no digits of narrow auctions.
        moved = b - low
        if n >= 3:
            found["skewness"] = stats.skew(moved, bias=False)
        if n >= 4:
            found["kurtosis"] = stats.kurtosis(moved, bias=False)
    losing = b[1:]
    if n >= 3 and losing[-1] > losing[0]:
        found["relative_distance"] = gap / losing.std(ddof=1)
        found["alternative_distance"] = gap / np.diff(losing).mean()
    return {name: None if value is None else float(value) for name, value in found.items()}


def distance(ours, theirs):
    if ours is None or theirs is None:
        return 0.0 if ours is theirs else math.inf
    return abs(ours - theirs) / max(1.0, abs(theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--golden", type=Path)
    parser.add_argument("--auctions", type=int, default=10_000)
    given = parser.parse_args()
    if given.golden:
        rows = [{"prices": prices, "screens": screens(prices)} for prices in auctions(300, 1)]
        lines = ",\n".join(json.dumps(row) for row in rows)
        given.golden.write_text(f"[\n{lines}\n]\n")
        return
    chosen = list(auctions(given.auctions, 2))
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "asked.json", Path(folder) / "told.json"
        asked.write_text(json.dumps(chosen))
        subprocess.run([given.program, asked, told], check=True)
        ours = json.loads(told.read_text())
    worst = {}
    for prices, found in zip(chosen, ours, strict=True):
        for name, theirs in screens(prices).items():
            worst[name] = max(worst.get(name, (0.0, None)), (distance(found[name], theirs), prices), key=lambda pair: pair[0])
    defined = {name: sum(found[name] is not None for found in ours) for name in worst}
    print(f"screens of {len(chosen):,} random auctions, ours against scipy (largest distance, relative above 1)")
    for name, (far, prices) in worst.items():
        print(f"  {name:<24}{far:9.1e}   defined in {defined[name]:,}")
        if far > TOLERANCE:
            sys.exit(f"{name} differs by {far}: {prices}")


if __name__ == "__main__":
    main()
