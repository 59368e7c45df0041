#!/usr/bin/env python3
"""Whether abuse detection holds what it promises, on demo markets of fresh seeds.

    make bench-abuse                                # scales 1, 10 and 50, lexical only
    tests/bench/abuse.py --scales 1,10 --seeds 3,4

Every planted ring is found with exactly its members; dumping and spam are found at a recall of 0.9 and a precision of 0.8; at most one honest provider
in a hundred is flagged. Prints a row per market, with what else is planted, and ends with 1 where a promise is broken.
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
RECALL, PRECISION, HONEST = 0.9, 0.8, 0.01


def pipeline(*arguments):
    """Runs `pipeline`; returns the JSON lines that it printed."""
    ran = subprocess.run([PIPELINE, "--json", *map(str, arguments)], cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} failed with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def planted(truths, kind, field):
    """Things of a kind of truth: tenant and identifier."""
    found = set()
    for truth in truths:
        if truth["kind"] == kind:
            values = truth[field]
            found |= {(truth["tenant"], one) for one in (values if isinstance(values, list) else [values])}
    return found


def shares(found, true):
    """Recall and precision."""
    right = len(found & true)
    return right / max(len(true), 1), right / max(len(found), 1)


def market(scale, seed, broken):
    """Makes one market, runs its night, and holds what was found against what was planted."""
    lake = Path(tempfile.mkdtemp(prefix="marketlounge-abuse-"))
    try:
        pipeline("demo", "--scale", scale, "--seed", seed, "--landing", lake / "landing", "--truth", lake / "truth.jsonl")
        pipeline("run", "nightly", "--slot", "2026-11-20", "--lake", lake, "--model", "none")
        query = lambda sql: pipeline("query", "--lake", lake, "--limit", 10_000_000, sql)
        cases = query("SELECT tenant, entity_kind, entity_id, family FROM gold.abuse_cases WHERE is_flagged")
        rings = query("SELECT tenant, array_to_string(provider_ids, ' ') AS members FROM gold.collusion_rings")
        providers = query("SELECT tenant, provider_id FROM silver.providers")
    finally:
        truths = [json.loads(line) for line in (lake / "truth.jsonl").read_text().splitlines()]
        shutil.rmtree(lake, ignore_errors=True)

    def flagged(kind, family=None):
        of_kind = (case for case in cases if case["entity_kind"] == kind)
        return {(case["tenant"], case["entity_id"]) for case in of_kind if family in (None, case["family"])}

    of_rings = [truth for truth in truths if truth["kind"] in ("cover_ring", "rotation_ring")]
    told = {(ring["tenant"], frozenset(ring["members"].split())) for ring in rings}
    exact = sum((truth["tenant"], frozenset(truth["providers"])) in told for truth in of_rings)
    guilty = planted(truths, "cover_ring", "providers") | planted(truths, "rotation_ring", "providers")
    dumpers, spam = planted(truths, "dumping", "provider"), planted(truths, "spam_accounts", "providers")
    honest = {(row["tenant"], row["provider_id"]) for row in providers} - guilty - dumpers - spam
    wrong = flagged("provider") & honest
    row = [scale, seed, f"{exact} of {len(of_rings)}", len(told)]
    for kind, family, true in [
        ("provider", "dumping", dumpers),
        ("provider", "spam", spam),
        ("submission", "spam", planted(truths, "spam_accounts", "submissions")),
        ("client", "spam", planted(truths, "spam_client", "client")),
        ("intro", "spam", planted(truths, "spam_client", "intros")),
        ("project", "collusion", planted(truths, "cover_ring", "projects") | planted(truths, "rotation_ring", "projects")),
    ]:
        recall, precision = shares(flagged(kind, family), true)
        row.append(f"{recall:.2f} / {precision:.2f}")
        if recall < RECALL or precision < PRECISION:
            broken.append(f"scale {scale}, seed {seed}: {family} of {kind}s has recall {recall:.3f}, precision {precision:.3f}")
    row.append(f"{len(wrong)} of {len(honest)}")
    if exact < len(of_rings):
        broken.append(f"scale {scale}, seed {seed}: {exact} of {len(of_rings)} rings are found")
    if len(wrong) > HONEST * len(honest):
        broken.append(f"scale {scale}, seed {seed}: {len(wrong)} of {len(honest)} honest providers are flagged")
    print("| " + " | ".join(map(str, row)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", default="1,10,50")
    parser.add_argument("--seeds", default="301,302")
    options = parser.parse_args()
    print("recall / precision; rings found with exactly their members, and rings told in all\n")
    print("| scale | seed | rings | told | dumpers | spam providers | submissions | clients | intros | projects of rings | honest flagged |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    broken = []
    for scale in map(int, options.scales.split(",")):
        for seed in map(int, options.seeds.split(",")):
            market(scale, seed, broken)
    for one in broken:
        print(one)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
