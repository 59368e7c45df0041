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


def run_ours(arguments, device, texts_file, vectors_file, runs):
    """One call of the example program; its report."""
    command = [arguments.ours, arguments.model, texts_file, "--vectors", vectors_file, "--device", device]
    command += ["--threads", arguments.threads, "--runs", runs, "--singles", arguments.singles]
    # candle takes its threads from rayon's pool.
    environment = {**os.environ, "RAYON_NUM_THREADS": str(arguments.threads)}
    output = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, env=environment)
    return json.loads(output.stdout)


def run_theirs(model, texts, singles, batch_size):
    """One pass of sentence-transformers: seconds, milliseconds per single query, vectors."""
    options = {"normalize_embeddings": True, "show_progress_bar": False}
    start = time.perf_counter()
    vectors = model.encode(texts, batch_size=batch_size, **options)
    seconds = time.perf_counter() - start
    single_ms = []
    for text in texts[:singles]:
        start = time.perf_counter()
        model.encode([text], **options)
        single_ms.append((time.perf_counter() - start) * 1e3)
    return seconds, statistics.median(single_ms), vectors


def main():
    """Parses the command line, runs the rounds, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, help="the example program `embed`")
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/weights/all-MiniLM-L6-v2")
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5, help="the programs take turns; the best round counts")
    parser.add_argument("--singles", type=int, default=50, help="single queries to time per round")
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
    run_theirs(model, texts[:64], 5, 32)

    ours, candle, theirs = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        texts_file, vectors_file = pathlib.Path(scratch, "texts.jsonl"), pathlib.Path(scratch, "vectors.f32")
        texts_file.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
        for _ in range(arguments.rounds):
            ours.append(run_ours(arguments, "cpu", texts_file, vectors_file, 2))
            theirs += [run_theirs(model, texts, arguments.singles, size) for size in (32, 64)]
        vectors = numpy.fromfile(vectors_file, dtype="<f4").reshape(len(texts), -1)
        if arguments.with_candle:
            candle.append(run_ours(arguments, "candle-cpu", texts_file, vectors_file, 2))
            candle_vectors = numpy.fromfile(vectors_file, dtype="<f4").reshape(len(texts), -1)

    reference = theirs[0][2].astype("float64")
    reference_rate, reference_ms = len(texts) / min(t[0] for t in theirs), min(t[1] for t in theirs)
    rows = [(f"sentence-transformers, torch {torch.__version__}", reference_rate, reference_ms, None)]

    def add(name, reports, found):
        found = found.astype("float64")
        norms = numpy.linalg.norm(found, axis=1) * numpy.linalg.norm(reference, axis=1)
        cosine = float(((found * reference).sum(axis=1) / norms).min())
        rows.append((name, max(r["texts_per_s"] for r in reports), min(r["single_ms"] for r in reports), cosine))

    add("encoder (ours)", ours, vectors)
    if candle:
        add("candle's stock BERT", candle, candle_vectors)

    tokens = ours[0]["tokens"] / len(texts)
    print(f"{len(texts)} French texts of {tokens:.0f} tokens on average, {arguments.threads} threads, "
          f"best of {arguments.rounds} rounds; load {os.getloadavg()[0]:.1f}")
    print(f"{'program':<44}{'texts/s':>9}{'ratio':>8}{'one query, ms':>15}{'min cosine':>13}")
    for name, rate, single_ms, cosine in rows:
        shown = "" if cosine is None else f"{cosine:.7f}"
        print(f"{name:<44}{rate:>9.1f}{rate / reference_rate:>8.2f}{single_ms:>15.2f}{shown:>13}")
    if arguments.json:
        keys = ("program", "texts_per_s", "single_ms", "min_cosine")
        arguments.json.write_text(json.dumps([dict(zip(keys, row)) for row in rows], indent=1))
    if any(row[3] is not None and row[3] < TARGET_COSINE for row in rows):
        raise SystemExit(f"a cosine is below {TARGET_COSINE}")


if __name__ == "__main__":
    main()
