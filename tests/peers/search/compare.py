"""Runs our search and PostgreSQL + pgvector + tsvector on the same documents and queries, one after the other; prints one table."""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

import data
import peer


def ours(program, folder, scratch):
    """Build and figures of our engine."""
    report = {}
    for what in ("build", "ask"):
        command = [str(part) for part in (program, folder, scratch, what)]
        report |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return report


def print_table(count, our, their):
    """Figures side by side; a ratio above 1 is in our favour."""
    raw_mib = count * data.DIMENSION * 4 >> 20
    print(f"\n{count:,} documents × {data.DIMENSION} values ({raw_mib} MiB of vectors)")
    print(f"{'':<34}{'ours':>12}{'peer':>12}{'ratio':>9}")

    def line(label, mine, other=None, ratio=None):
        shown = (f"{value:>12.4g}" if value is not None else f"{'–':>12}" for value in (mine, other))
        print(f"{label:<34}{''.join(shown)}{'' if ratio is None else f'{ratio:>9.2f}'}", flush=True)

    other = their or {"vector": {"ms": {}}, "hybrid": {"ms": {}}}
    line("recall@10 of vectors", our["recall_at_10"], other.get("recall_at_10"))
    for leg in ("vector", "hybrid"):
        for share in ("p50", "p95", "p99"):
            mine, theirs = our[leg]["ms"][share], other[leg]["ms"].get(share)
            line(f"{leg}: {share}, ms", mine, theirs, theirs and theirs / mine)
        mine, theirs = our[leg]["queries_per_s"], other[leg].get("queries_per_s")
        line(f"{leg}: queries/s, two threads", mine, theirs, theirs and mine / theirs)
        line(f"{leg}: processor ms a query", our[leg]["processor_ms"])
    line("build, s", our["build_s"], other.get("build_s"), other.get("build_s") and their["build_s"] / our["build_s"])
    line("open, s", our["open_s"])
    line("memory after the queries, MiB", our["memory_mib"])
    line("  of which not file-backed, MiB", our["memory_anonymous_mib"])
    line("  times the raw vectors", our["memory_mib"] / raw_mib)
    if their:
        print(f"peer: hnsw.ef_search {their['ef_search']}, {their['disk_mib']} MiB of table and indexes")


def main():
    """Parses the command line, runs each size, prints its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, help="the example program `search`")
    parser.add_argument("--embed", required=True, help="the example program `embed`, to embed the texts once")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=1000, help="queries that the peer is asked")
    parser.add_argument("--no-peer", action="store_true", help="measure ours alone (the peer takes most of an hour at 1 M)")
    parser.add_argument("--keep-peer", action="store_true",
                        help="keep the peer's database beside the documents, and ask a kept one without building it again")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures here")
    arguments = parser.parse_args()
    if not data.SHARED.is_dir() or not data.MODEL.is_dir():
        raise SystemExit(f"skipped: {data.SHARED} or {data.MODEL} is absent (MARKETLOUNGE_SHARED_DATA, make model)")
    reports = {}
    for count in arguments.sizes:
        folder = data.CACHE / str(count)
        data.write(folder, count, arguments.embed)
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="marketlounge-search-"))
        try:
            our = ours(arguments.ours, folder, scratch / "ours")
            their = None if arguments.no_peer else peer.measure(folder, (folder if arguments.keep_peer else scratch) / "peer", arguments.queries)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        our.pop("hybrid_ids", None)
        reports[count] = {"ours": our, "peer": their}
        print_table(count, our, their)
    if arguments.json:
        arguments.json.write_text(json.dumps(reports, indent=1), encoding="utf-8")


main()
