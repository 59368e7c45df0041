"""Fits scikit-learn's isolation forest on a set and scores the same rows: `peer.py settings.json out.json`, as our example does."""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.ensemble import IsolationForest


def memory(what):
    """KiB of memory that this process has (`VmRSS`) or had at most (`VmHWM`)."""
    with open("/proc/self/status") as lines:
        return int(next(line for line in lines if line.startswith(what)).split()[1])


settings = json.loads(open(sys.argv[1]).read())
# Sets of fewer rows than the subsample are taken whole, with a warning.
warnings.filterwarnings("ignore", message="max_samples")
rows = np.load(settings["rows"])
loaded, runs = memory("VmRSS"), []
for seed, path in zip(settings["seeds"], settings["scores"]):
    model = IsolationForest(n_estimators=100, max_samples=256, random_state=seed, n_jobs=settings["jobs"])
    start, before = time.perf_counter(), time.process_time()
    model.fit(rows)
    fitted = time.perf_counter()
    scores = -model.score_samples(rows)
    scored, busy = time.perf_counter(), time.process_time() - before
    np.save(path, scores)
    runs.append({"fit": fitted - start, "score": scored - fitted, "processor": busy})
with open(sys.argv[2], "w") as out:
    json.dump({"runs": runs, "loaded": loaded, "peak": memory("VmHWM")}, out)
