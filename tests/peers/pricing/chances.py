"""Chances that a sealed bid wins: ours beside LightGBM and scikit-learn, on the same rows in the same run."""

import json
import subprocess
import time

import lightgbm
import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import data

NUMBERS = ["price", "reserve", "bidders", "year"]
WORKS = ["water", "road", "pipe", "sewer", "renovation", "repair", "construction", "design", "survey"]


def bids(path):
    """Features of a bid (the price as a share of the reserve), whether it won, and its auction."""
    raw = pd.read_csv(path, low_memory=False)
    raw = raw[raw["norm_bid"].notna() & raw["winner"].notna()].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "price": raw["norm_bid"].astype(float),
            "reserve": raw["reserveprice"].astype(float),
            "bidders": raw["num_bidders"].astype(float),
            "year": raw["year"].astype(float),
            "bidder": raw["bidder_id"].astype(str),
            **{work: raw[work].map({0: "no", 1: "yes"}) for work in WORKS},
        }
    )
    auction = pd.factorize(raw["year"].astype(str) + "/" + raw["pid"].astype(str))[0]
    return rows, raw["winner"].to_numpy(float), auction


def calibration_error(y, said, bins=10):
    place = np.minimum((said * bins).astype(int), bins - 1)
    gaps = [abs(said[place == b].sum() - y[place == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(y))


def score(y, said, seconds):
    return {"log loss": float(log_loss(y, said)), "error": calibration_error(y, said), "seconds": seconds}


def peers(threads, columns):
    places = [columns.index("price")]
    directions = [-1 if at in places else 0 for at in range(len(columns))]

    def boosted():
        return lightgbm.LGBMClassifier(
            n_estimators=150, learning_rate=0.05, num_leaves=8, min_child_samples=30, n_jobs=threads, verbose=-1,
            random_state=0, monotone_constraints=directions,
        )

    categories = [name for name in columns if name not in NUMBERS]
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    prepared = make_column_transformer((numbers, NUMBERS), (OneHotEncoder(handle_unknown="ignore"), categories))
    return {
        "LightGBM": boosted(),
        "LightGBM, defaults": lightgbm.LGBMClassifier(n_jobs=threads, verbose=-1, random_state=0),
        "LightGBM, isotonic": CalibratedClassifierCV(boosted(), method="isotonic", cv=5),
        "scikit-learn logistic": make_pipeline(prepared, LogisticRegression(max_iter=1000)),
    }


def compare(source, program, work, threads):
    rows, won, auction = bids(source)
    auctions = np.random.default_rng(0).permutation(auction.max() + 1)
    parts = []
    for part in range(5):
        held = np.isin(auction, auctions[part::5])
        parts.append((np.flatnonzero(~held), np.flatnonzero(held)))
    data.write(work / "bids.csv", rows, won, group=auction)
    listed = [{"train": train.tolist(), "test": test.tolist()} for train, test in parts]
    (work / "splits.json").write_text(json.dumps(listed))
    subprocess.run([program, work / "bids.csv", work / "splits.json", work / "ours.json"], check=True)
    ours = json.loads((work / "ours.json").read_text())
    typed = rows.copy()
    for name in rows:
        if name not in NUMBERS:
            typed[name] = typed[name].astype("category")
    found = {}
    for (train, test), mine in zip(parts, ours):
        base = np.full(len(test), won[train].mean())
        found.setdefault("base rate", []).append(score(won[test], base, 0.0))
        for name, model in peers(threads, list(rows)).items():
            start = time.perf_counter()
            model.fit(typed.iloc[train], won[train])
            seconds = time.perf_counter() - start
            said = model.predict_proba(typed.iloc[test])[:, 1]
            found.setdefault(name, []).append(score(won[test], said, seconds))
        for one in mine:
            scored = score(won[test], np.array(one["said"]), one["seconds"])
            found.setdefault(f"ours: {one['name']} (5 folds, calibrated)", []).append(scored)
    return {name: {m: float(np.mean([s[m] for s in all_])) for m in all_[0]} for name, all_ in found.items()}


def show(mean):
    print(f"\nchances, a fifth of the auctions as test: {'model':<42} log loss  calibration error  seconds")
    peer = mean["LightGBM"]
    for name, m in mean.items():
        print(
            f"  {name:<42} {m['log loss']:.4f} (x{m['log loss'] / peer['log loss']:.3f})  {m['error']:.4f}  "
            f"{m['seconds']:.2f} s (x{m['seconds'] / peer['seconds']:.2f})"
        )
