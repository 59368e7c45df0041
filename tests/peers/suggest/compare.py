#!/usr/bin/env python3
"""Autocompletion beside SQLite FTS5: the same 100,000 entries and 20,000 half-typed queries, one run, latencies as ratios.

    make bench-autocomplete
    tests/peers/suggest/compare.py --entries 100000 --clients 2

Three things are measured: the crate `suggest` alone (one thread, then several at once), a running node that clients ask over
HTTP, and SQLite (in memory, an FTS5 table with prefix indexes and accents removed, through Python's `sqlite3`, best weight
first). SQLite completes prefixes and forgives nothing: a third of the queries hold an error, and its column `answered` says so.

The latencies are wall time. On a machine that does other work the last percent is that work's time slice (milliseconds):
`machine` says how loaded it was, and "best of 5" is each query's best of five rounds, which other work disturbs least.
"""

import argparse
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/marketlounge/target")) / "release"


def lines_of(command):
    ran = subprocess.run([str(part) for part in command], cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{command[0]} failed:\n{ran.stderr[-2000:]}")
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def summary(what, latencies, wall):
    latencies.sort()
    at = lambda share: round(latencies[round((len(latencies) - 1) * share)] * 1e6, 1)
    return {"what": what, "queries": len(latencies), "p50_us": at(0.5), "p95_us": at(0.95), "p99_us": at(0.99),
            "max_us": at(1.0), "per_second": round(len(latencies) / wall)}


def sqlite(entries, queries):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE entries USING fts5(text, weight UNINDEXED, "
                 "tokenize=\"unicode61 remove_diacritics 2\", prefix='1 2 3 4 5')")
    base.executemany("INSERT INTO entries VALUES (?, ?)", entries)
    base.execute("INSERT INTO entries(entries) VALUES ('optimize')")
    question = "SELECT text FROM entries WHERE entries MATCH ? ORDER BY CAST(weight AS INTEGER) DESC, text LIMIT 10"
    latencies, answered, begun = [], 0, time.perf_counter()
    for typed in queries:
        words = re.findall(r"\w+", typed)
        start = time.perf_counter()
        found = base.execute(question, (" ".join(f'"{word}"*' for word in words),)).fetchall() if words else []
        latencies.append(time.perf_counter() - start)
        answered += bool(found)
    return summary("SQLite FTS5, one thread", latencies, time.perf_counter() - begun) | {"answered": answered / len(queries)}


def node(folder, entries, clients):
    lake = folder / "lake"
    landing = lake / "landing" / "companies"
    subprocess.run([TARGET / "pipeline", "demo", "--landing", lake / "landing"], cwd=PROJECT, check=True, capture_output=True)
    landing.mkdir(parents=True, exist_ok=True)
    with open(landing / "bench.jsonl", "w", encoding="utf-8") as rows:
        for number, (text, _) in enumerate(entries):
            rows.write(json.dumps({"tenant": "tenant_public", "company_id": f"BENCH-{number:06}", "name": text,
                                   "updated_at": "2026-11-01T00:00:00Z"}, ensure_ascii=False) + "\n")
    command = [TARGET / "pipeline", "run", "nightly", "--slot", "2026-11-20", "--lake", lake, "--model", "none"]
    ran = subprocess.run([str(part) for part in command], cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"the run failed:\n{(ran.stdout + ran.stderr)[-3000:]}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    serving = subprocess.Popen([TARGET / "serve", "--lake", lake, "--listen", address], cwd=PROJECT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://{address}/readyz", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        load = TARGET / "examples" / "autocomplete_load"
        return lines_of([load, address, clients, folder / "queries.tsv"])
    finally:
        serving.terminate()
        serving.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=max(2, os.cpu_count() or 2), help="threads, and clients of the node, at once")
    parser.add_argument("--no-node", action="store_true", help="leave the running node out: it takes a minute or two to make its lake")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="marketlounge-autocomplete-"))
    try:
        measured = lines_of([TARGET / "examples" / "latency", options.entries, options.clients, folder])
        entries = [line.split("\t") for line in (folder / "entries.tsv").read_text(encoding="utf-8").splitlines()]
        entries = [(text, int(weight)) for _, _, weight, text in entries]
        asked = [line.split("\t") for line in (folder / "queries.tsv").read_text(encoding="utf-8").splitlines()]
        for row in measured[1:]:
            row["answered"] = sum(bool(answer) for _, answer in asked) / len(asked)
        measured.append(sqlite(entries, [typed for typed, _ in asked]))
        if not options.no_node:
            measured += node(folder, entries, options.clients)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    built = measured.pop(0)
    print(f"{built['entries']} entries: {built['bytes'] / 1e6:.1f} MB, built in {built['build_s']} s, opened in {built['open_s']} s")
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'':26}{'queries':>9}{'p50 µs':>10}{'p95 µs':>10}{'p99 µs':>10}{'per s':>9}{'answered':>10}")
    for row in measured:
        share = f"{row['answered']:.0%}" if "answered" in row else ""
        print(f"{row['what']:26}{row['queries']:>9}{row['p50_us']:>10.0f}{row['p95_us']:>10.0f}{row['p99_us']:>10.0f}"
              f"{row['per_second']:>9}{share:>10}")
    ours, peer = (next(row for row in measured if row["what"].startswith(what)) for what in ("one thread", "SQLite"))
    ratio = lambda key: f"{peer[key] / ours[key]:.1f}"
    print(f"\nSQLite ÷ ours, one thread each: p50 {ratio('p50_us')}, p95 {ratio('p95_us')}, p99 {ratio('p99_us')}")
    worst = max(row["p99_us"] for row in measured if not row["what"].startswith("SQLite"))
    print(f"wanted: p99 at most 2000 µs under load; worst measured: {worst:.0f} µs")


if __name__ == "__main__":
    main()
