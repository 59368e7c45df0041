"""Price quantiles: ours beside LightGBM and scikit-learn, on the same rows in the same run."""

import json
import subprocess
import time

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

import data

LEVELS = (0.1, 0.5, 0.9)


def pinball(y, predicted):
    """Mean over rows and levels; in powers of ten, as the peers' figures are."""
    loss = [np.maximum(q * (y - p), (q - 1) * (y - p)).mean() for q, p in zip(LEVELS, predicted.T)]
    return float(np.mean(loss))


def lightgbm_quantiles(train, y, test, threads):
    fitted = [
        lightgbm.LGBMRegressor(
            objective="quantile", alpha=q, n_estimators=300, learning_rate=0.05, num_leaves=31,
            min_child_samples=20, n_jobs=threads, verbose=-1, random_state=0,
        ).fit(train, y)
        for q in LEVELS
    ]
    return lambda: np.column_stack([model.predict(test) for model in fitted])


def sklearn_quantiles(train, y, test, _threads):
    coded = {c: train[c].cat.codes.astype(float).replace(-1, np.nan) for c in data.CATEGORIES}
    # More than 255 categories are refused: places' numbers are ordinal there.
    fitted = [
        HistGradientBoostingRegressor(loss="quantile", quantile=q, max_iter=300, learning_rate=0.05).fit(
            train.assign(**coded), y
        )
        for q in LEVELS
    ]
    coded = {c: test[c].cat.codes.astype(float).replace(-1, np.nan) for c in data.CATEGORIES}
    return lambda: np.column_stack([model.predict(test.assign(**coded)) for model in fitted])


def score(y, predicted, seconds, processor):
    covered = float(np.mean((y >= predicted[:, 0]) & (y <= predicted[:, 2])))
    crossed = float(np.mean((np.diff(predicted, axis=1) < 0).any(axis=1)))
    return {"pinball": pinball(y, predicted), "coverage": covered, "crossed": crossed, "seconds": seconds, "processor": processor}


def timed(work):
    """What the work gives, its seconds, and those of all processors."""
    start, processor = time.perf_counter(), time.process_time()
    done = work()
    return done, time.perf_counter() - start, time.process_time() - processor


def conformalised(predict, train, y, test, threads):
    """Split-conformal over a fifth of the training rows, symmetric as in the paper: LightGBM as a careful user would have it."""
    order = np.random.default_rng(0).permutation(len(y))
    held = order[: len(y) // 5]
    fit = order[len(y) // 5 :]
    both = predict(train.iloc[fit], y[fit], pd.concat([train.iloc[held], test]), threads)()
    own, new = both[: len(held)], both[len(held) :].copy()
    scores = np.sort(np.maximum(own[:, 0] - y[held], y[held] - own[:, 2]))
    shift = scores[min(len(held) - 1, int(np.ceil(0.8 * (len(held) + 1))) - 1)]
    new[:, 0] -= shift
    new[:, 2] += shift
    return new


def compare(source, program, work, chosen):
    rows, prices, days = data.contracts(source)
    logs = np.log10(prices)
    parts = data.splits(days, chosen.random)
    data.write(work / "prices.csv", rows, prices, time=days)
    listed = [{**part, "train": part["train"].tolist(), "test": part["test"].tolist()} for part in parts]
    (work / "splits.json").write_text(json.dumps(listed))
    subprocess.run([program, work / "prices.csv", work / "splits.json", work / "ours.json"], check=True)
    ours = json.loads((work / "ours.json").read_text())
    typed = rows.copy()
    for name in data.CATEGORIES:
        typed[name] = typed[name].astype("category")
    found = {}

    def add(part, name, scored):
        found.setdefault(("newest" if part["by_time"] else "random", name), []).append(scored)

    for part, mine in zip(parts, ours):
        train, test = typed.iloc[part["train"]], typed.iloc[part["test"]]
        y, new = logs[part["train"]], logs[part["test"]]
        peers = {"LightGBM": lightgbm_quantiles}
        if not chosen.quick:
            peers["scikit-learn"] = sklearn_quantiles
        for name, fit in peers.items():
            predict, *times = timed(lambda: fit(train, y, test, chosen.threads))
            add(part, name, score(new, predict(), *times))
        predicted, *times = timed(lambda: conformalised(lightgbm_quantiles, train, y, test, chosen.threads))
        add(part, "LightGBM, split conformal", score(new, predicted, *times))
        for one in mine["candidates"]:
            add(part, "ours: " + one["name"], score(new, np.array(one["log"]) / np.log(10), one["seconds"], one["processor"]))
        model = mine["model"]
        scored = score(new, np.log10(np.array(model["predicted"])), model["seconds"], model["processor"])
        add(part, "ours: price model (folds, champion, conformal)", scored)
    mean = {key: {m: float(np.mean([s[m] for s in all_])) for m in all_[0]} for key, all_ in found.items()}
    crossings = ours[-1]["crossings"]
    champions = {mine["split"]: mine["model"]["report"]["champion"] for mine in ours}
    return mean, crossings, champions, ours[0]["bytes"]


def show(mean, crossings, champions, size):
    for kind in ("random", "newest"):
        print(f"\nprices, {kind} fifth as test: {'model':<48} pinball  coverage  crossed  seconds  of processors")
        peer = mean[(kind, "LightGBM")]
        for (of, name), m in mean.items():
            if of == kind:
                ratio = m["pinball"] / peer["pinball"]
                faster = m["seconds"] / peer["seconds"]
                print(
                    f"  {name:<48} {m['pinball']:.4f} (x{ratio:.3f})  {100 * m['coverage']:.1f} %  "
                    f"{100 * m['crossed']:.2f} %  {m['seconds']:.2f} s (x{faster:.2f})  {m['processor']:.2f} s"
                )
    print(f"\ncrossings among a million random rows: {crossings}")
    print(f"bytes of a price model: {size}")
    print(f"champions: {champions}")
