#!/usr/bin/env python3
"""Landing files to gold tables: our pipeline beside the same queries in DuckDB, in turn, with the same threads and memory.

    make bench-transform                                    # some 10 million landed rows
    tests/peers/transform/run.sh --scale 40 --turns 3       # a tenth of them, three turns

Both decode, type and check the same landing files (CSV, JSON, JSON lines and Parquet, plain, gzip and zstd), keep the latest valid row
of each key sorted by it, and make the same gold tables by the same SELECTs; both write Parquet with zstd. All tables must have the same
rows and the same content, column by column, else the exit code is 1.

DuckDB runs in two ways. `careful` quarantines with the rule and what was sent, as ours; it still does less: no quarantine per landing
file, no line and offset in it, no digests of files and tables, no segments, no ledger, no atomic publication. `simple` drops what is bad
by a WHERE clause and checks no gold table: the least that gives the same rows. Seconds by stage are those of its statements; "all" is the
whole process, ours with its start, ledger, digests of landing files and publication. Ours runs jobs side by side, so that its stages
overlap: "all" is what compares.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from contracts import GOLD, TABLES, TARGETS

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
STAGES = ["bronze", "silver", "gold"]
WAYS = ["ours", "careful", "simple"]
DAG = """description = "What is compared with DuckDB."
schedule = "0 2 * * *"
time_zone = "Europe/Paris"
sources = "default"
targets = {targets}
retries = 0
freshness = "26h"
"""


def measured(command):
    """Runs a command; returns what it printed, and its seconds, processor seconds and largest resident memory in MiB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, cwd=PROJECT)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0), err.seek(0)
        if child.returncode:
            said = [line for line in out.read().decode().splitlines() if '"state":"failed"' in line]
            sys.exit(f"{command[0]} failed with {child.returncode}:\n{err.read().decode()[-3000:]}{chr(10).join(said)}")
        return out.read().decode(), {"all": seconds, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}


def project_with_dag(folder):
    """Copies what a project needs, with a DAG of the compared tables."""
    for name in ("schemas", "dags"):
        shutil.copytree(PROJECT / name, folder / name)
    (folder / "dags/transform.toml").write_text(DAG.format(targets=json.dumps(TARGETS)))
    (folder / "models").mkdir()
    shutil.copy(PROJECT / "models/models.toml", folder / "models")
    shutil.copytree(PROJECT / "data", folder / "data", ignore=lambda _, names: [n for n in names if not n.endswith(".toml")])
    return folder


def run_ours(options, project, landing, out):
    shutil.copytree(landing, out / "landing", copy_function=os.link)
    command = [options.pipeline, "--project", project, "--json", "run", "transform", "--lake", out, "--slot", "2026-11-20"]
    command += ["--threads", options.threads, "--memory-mib", options.memory_mib, "--model", "none"]
    printed, used = measured(command)
    events = [json.loads(line) for line in printed.splitlines()]
    jobs = [event["record"] for event in events if event["event"] == "job"]
    end = next(event["record"] for event in events if event["event"] == "end")
    seconds = {job["job"]: job["elapsed_ms"] / 1000 for job in jobs}
    rows = {job["job"]: job["rows"]["rows"] for job in jobs}
    read = sum(job["rows"]["read"] for job in jobs if job["job"].startswith("bronze."))
    refused = {job["job"]: job["rows"].get("quarantined", 0) for job in jobs}
    used["mib"] = max(used["mib"], (end["peak_memory_bytes"] or 0) / 2**20)
    return {"seconds": seconds, "rows": rows, "refused": refused, "read": read, **used}


def peer(options, project, what, *more):
    limits = ["--threads", options.threads, "--memory-mib", options.memory_mib]
    return measured([sys.executable, HERE / "peer.py", what, "--project", project, *limits, *more])


def run_peer(options, project, way, landing, out):
    printed, used = peer(options, project, "run", "--landing", landing, "--out", out, "--way", way)
    return {**json.loads(printed), **used}


def stages(result):
    """Returns seconds by stage, then of the process, wall clock and processor, and memory."""
    by_stage = defaultdict(float)
    for name, seconds in result["seconds"].items():
        by_stage[name.split(".")[0]] += seconds
    return {**by_stage, **{name: result[name] for name in ("all", "cpu", "mib")}}


def differences(ours, theirs, way):
    """Compares tables: rows, then the hash of each column."""
    found = []
    for table, ours_of in ours.items():
        theirs_of = theirs[table]
        if ours_of["rows"] != theirs_of["rows"]:
            found.append(f"{table}: {ours_of['rows']} rows, {theirs_of['rows']} of DuckDB ({way})")
            continue
        unlike = [column for column in ours_of if ours_of[column] != theirs_of[column]]
        if unlike:
            found.append(f"{table}: other values in {', '.join(unlike)} ({way})")
    return found


def refusals(ours, theirs):
    """Compares how many rows each table refused."""
    tables = [f"{layer}.{table}" for layer in ("bronze", "silver") for table in TABLES]
    pairs = [(table, ours["refused"][table], theirs["refused"][table]) for table in tables]
    return [f"{table}: {a} rows refused, {b} of DuckDB" for table, a, b in pairs if a != b]


def turn(options, folder, project, landing, turns, checks):
    """Runs all ways once; where `checks`, returns how their tables differ."""
    found, digests, results = [], {}, {}
    for way in WAYS:
        out = folder / way
        started = [options, project] if way == "ours" else [options, project, way]
        results[way] = (run_ours if way == "ours" else run_peer)(*started, landing, out)
        print(f"  {way}: " + ", ".join(f"{name} {value:.1f}" for name, value in stages(results[way]).items()), file=sys.stderr, flush=True)
        turns[way].append(results[way])
        if checks:
            digests[way] = json.loads(peer(options, project, "digest", "--out", out)[0])
        shutil.rmtree(out)
    if checks:
        found = differences(digests["ours"], digests["careful"], "careful") + differences(digests["ours"], digests["simple"], "simple")
        found += refusals(results["ours"], results["careful"])
    return found


def report(options, turns, landed):
    best = {way: {name: min(stages(result)[name] for result in turns[way]) for name in stages(turns[way][0])} for way in WAYS}
    ours = turns["ours"][0]
    made = sum(rows for table, rows in ours["rows"].items() if not table.startswith("bronze"))
    print(f"{ours['read']:,} landed rows in {landed / 2**20:,.0f} MiB, {len(TABLES)} bronze and silver and {len(GOLD)} gold tables of {made:,} rows;")
    print(f"{options.threads} threads, {options.memory_mib} MiB for queries, best of {options.turns} turns, load {os.getloadavg()[0]:.1f}")
    heads = [*(f"{stage} s" for stage in STAGES), "all s", "processor s", "peak MiB"]
    print(f"{'':24}" + "".join(f"{head:>13}" for head in heads))
    names = {"ours": "MarketLounge", "careful": "DuckDB, as we do it", "simple": "DuckDB, at its simplest"}
    for way in WAYS:
        print(f"{names[way]:24}" + "".join(f"{best[way][name]:>13,.1f}" for name in [*STAGES, "all", "cpu", "mib"]))
    for way in WAYS[1:]:
        ratios = [best["ours"][name] / best[way][name] for name in [*STAGES, "all", "cpu", "mib"]]
        print(f"{'ours / ' + way:24}" + "".join(f"{ratio:>12.2f}×" for ratio in ratios))
    print(f"\n{'slowest tables (s)':30}{'ours':>9}{'careful':>9}{'simple':>9}{'ours / careful':>16}")
    middle = {way: {t: statistics.median(r["seconds"][t] for r in turns[way]) for t in turns[way][0]["seconds"]} for way in WAYS}
    for table in sorted(middle["careful"], key=lambda table: -middle["ours"][table])[: options.tables]:
        seconds = [middle[way][table] for way in WAYS]
        print(f"{table:30}" + "".join(f"{value:>9.2f}" for value in seconds) + f"{seconds[0] / seconds[1]:>15.2f}×")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipeline", required=True, type=Path, help="the program")
    parser.add_argument("--scale", type=int, default=440, help="of the demo market (default 440: some 10 million rows in these tables)")
    parser.add_argument("--turns", type=int, default=2, help="how often each way runs, in turn (default 2)")
    parser.add_argument("--threads", type=int, default=2, help="of a query, on both sides (default 2)")
    parser.add_argument("--memory-mib", type=int, default=16384, help="for queries, on both sides (default 16384)")
    parser.add_argument("--tables", type=int, default=14, help="how many of the slowest tables to list")
    parser.add_argument("--folder", type=Path, help="where to work, some 4 GB at 10 million rows (default: the temporary folder)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="marketlounge-transform-", dir=options.folder))
    try:
        project, landing = project_with_dag(folder / "project"), folder / "landing"
        measured([options.pipeline, "demo", "--scale", options.scale, "--landing", landing, "--truth", folder / "truth.jsonl"])
        (folder / "truth.jsonl").unlink()
        # Tables that nobody reads here are not landed: they would be digested for nothing.
        for table in landing.iterdir():
            if table.is_dir() and table.name not in TABLES:
                shutil.rmtree(table)
        landed = sum(file.stat().st_size for file in landing.rglob("*") if file.is_file())
        turns, found = {way: [] for way in WAYS}, []
        for number in range(options.turns):
            found += turn(options, folder, project, landing, turns, checks=number == 0)
        report(options, turns, landed)
        for note in turns["careful"][0]["notes"]:
            print(f"note: {note}")
        if found:
            sys.exit("the tables differ:\n  " + "\n  ".join(found))
        print("all tables have the same rows and the same values in every column, and as many rows were refused")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
