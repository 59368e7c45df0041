"""Times crate `encoder` and sentence-transformers in turns on the same French texts, and compares their vectors."""

import argparse
import gzip
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = pathlib.Path(os.environ.get("MARKETLOUNGE_SHARED_DATA", ROOT / "../shared/data"))
TARGET_COSINE = 0.9999


def french_texts(count):
    """The first words of `count` job offers, 4 to 62 words, 64 tokens on average."""
    texts, seen = [], set()
    with gzip.open(SHARED / "market/offers/france_travail_offers.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            description = re.sub(r"\s+", " ", json.loads(line).get("description") or "").strip()
            words = description.split(" ")[: 4 + len(texts) * 37 % 59]
            text = " ".join(words)
            if len(words) >= 4 and text not in seen:
                seen.add(text)
                texts.append(text)
            if len(texts) == count:
                return texts
    raise SystemExit(f"only {len(texts)} texts in {SHARED}")


def french_queries(texts):
    """Queries as people type them: the first 3 to 10 words of texts."""
    return [" ".join(text.split(" ")[: 3 + index % 8]) for index, text in enumerate(texts)]


def run_ours(arguments, device, files):
    """One call of the example program; its report."""
    command = [arguments.ours, arguments.model, files["texts"], "--queries", files["queries"]]
    command += ["--vectors", files["vectors"], "--device", device, "--runs", 1]
    command += ["--threads", arguments.threads, "--singles", arguments.singles]
    if arguments.arithmetic and device == "cpu":
        command += ["--arithmetic", arguments.arithmetic]
    # candle takes its threads from rayon's pool.
    environment = {**os.environ, "RAYON_NUM_THREADS": str(arguments.threads)}
    output = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, env=environment)
    return json.loads(output.stdout)


def run_theirs(model, texts, queries, batch_size):
    """One pass of sentence-transformers: a report like that of the example program, and the vectors."""
    options = {"normalize_embeddings": True, "show_progress_bar": False}
    start, cpu_start = time.perf_counter(), time.process_time()
    vectors = model.encode(texts, batch_size=batch_size, **options)
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu_start
    single_ms = []
    for query in queries:
        start = time.perf_counter()
        model.encode([query], **options)
        single_ms.append((time.perf_counter() - start) * 1e3)
    report = {"texts_per_s": len(texts) / seconds, "cpu_ms_per_text": cpu_s / len(texts) * 1e3}
    return {**report, "single_ms": statistics.median(single_ms)}, vectors


def min_cosine(found, reference):
    """The least cosine between rows of two matrices."""
    found, reference = found.astype("float64"), reference.astype("float64")
    norms = numpy.linalg.norm(found, axis=1) * numpy.linalg.norm(reference, axis=1)
    return float(((found * reference).sum(axis=1) / norms).min())


BEST = {"texts_per_s": max, "cpu_ms_per_text": min, "single_ms": min}


def row(program, reports, cosine):
    """A row of the tables: the median of each figure over the rounds, and the best."""
    median = {key: statistics.median(report[key] for report in reports) for key in BEST}
    best = {key: pick(report[key] for report in reports) for key, pick in BEST.items()}
    return {"program": program, "median": median, "best": best, "min_cosine": cosine}


def print_table(rows, kind):
    """Prints the medians or the best figures of the rows, each beside its ratio to the first row's; above 1 is better."""
    print(f"\n{kind:<42}{'texts/s':>9}{'ratio':>7}{'CPU ms/text':>13}{'ratio':>7}{'one query, ms':>15}{'ratio':>7}{'min cosine':>12}")
    first = rows[0][kind]
    for row in rows:
        found = row[kind]
        ratios = [found["texts_per_s"] / first["texts_per_s"]]
        ratios += [first[key] / found[key] for key in ("cpu_ms_per_text", "single_ms")]
        shown = "" if row["min_cosine"] is None else f"{row['min_cosine']:.7f}"
        print(f"{row['program']:<42}{found['texts_per_s']:>9.1f}{ratios[0]:>7.2f}{found['cpu_ms_per_text']:>13.2f}{ratios[1]:>7.2f}"
              f"{found['single_ms']:>15.2f}{ratios[2]:>7.2f}{shown:>12}")


def main():
    """Parses the command line, runs the rounds, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, help="the example program `embed`")
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/weights/all-MiniLM-L6-v2")
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5, help="the programs take turns; medians count, and the best is told")
    parser.add_argument("--singles", type=int, default=50, help="single queries to time per round")
    parser.add_argument("--arithmetic", choices=["float32", "int16"], help="of ours; the model decides by default")
    parser.add_argument("--with-candle", action="store_true", help="also time candle's stock BERT")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures here")
    arguments = parser.parse_args()
    if not arguments.model.is_dir():
        raise SystemExit(f"skipped: {arguments.model} is absent (make model)")
    if not SHARED.is_dir():
        raise SystemExit(f"skipped: {SHARED} is absent (MARKETLOUNGE_SHARED_DATA)")

    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(arguments.threads)
    os.environ.update(TOKENIZERS_PARALLELISM="true", RAYON_NUM_THREADS=str(arguments.threads), HF_HUB_OFFLINE="1")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(arguments.threads)
    model = SentenceTransformer(str(arguments.model), device="cpu")
    texts = french_texts(arguments.texts)
    queries = french_queries(texts)[: arguments.singles]
    run_theirs(model, texts[:64], queries[:5], 32)

    ours, candle, theirs, vectors = [], [], {32: [], 64: []}, {}
    with tempfile.TemporaryDirectory() as scratch:
        files = {name: pathlib.Path(scratch, name) for name in ("texts", "queries", "vectors")}
        for name, lines in (("texts", texts), ("queries", queries)):
            files[name].write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

        def run(device, reports):
            reports.append(run_ours(arguments, device, files))
            vectors[device] = numpy.fromfile(files["vectors"], dtype="<f4").reshape(len(texts), -1)

        for _ in range(arguments.rounds):
            for size, reports in theirs.items():
                run("cpu", ours)
                report, vectors["theirs"] = run_theirs(model, texts, queries, size)
                reports.append(report)
            if arguments.with_candle:
                run("candle-cpu", candle)

    # The peer in the batch size that suits it better.
    theirs = max(theirs.values(), key=lambda reports: statistics.median(report["texts_per_s"] for report in reports))
    rows = [row(f"sentence-transformers, torch {torch.__version__}", theirs, None)]
    rows.append(row(f"encoder (ours), {ours[0]['arithmetic']}", ours, min_cosine(vectors["cpu"], vectors["theirs"])))
    if candle:
        rows.append(row("candle's stock BERT", candle, min_cosine(vectors["candle-cpu"], vectors["theirs"])))
    tokens = ours[0]["tokens"] / len(texts)
    print(f"{len(texts)} French texts of {tokens:.0f} tokens on average, {arguments.threads} threads, "
          f"{len(queries)} queries of 3 to 10 words, {arguments.rounds} rounds in turns; load {os.getloadavg()[0]:.1f}")
    for kind in ("median", "best"):
        print_table(rows, kind)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))
    if any(row["min_cosine"] is not None and row["min_cosine"] < TARGET_COSINE for row in rows):
        raise SystemExit(f"a cosine is below {TARGET_COSINE}")


if __name__ == "__main__":
    main()
