"""Documents and queries of the search benchmark: real French texts, their embeddings, and recombinations of them.

About 24,000 real texts of the shared data (job offers, ESCO occupations and skills, public contracts) are embedded once with
crate `encoder` and kept. Every 20th text is held out and gives a query: the first words of its title, embedded as a query.
Documents are the other texts as they are, then as many recombinations as are asked for: the first words of one text and the
last of another, with the normalised weighted mean of their two vectors plus a little noise, all by seed. So texts and vectors
are as varied as real ones and belong together, but documents beyond the first 23,000 are made, not found.
"""

import csv
import gzip
import hashlib
import json
import os
import pathlib
import re
import subprocess

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = pathlib.Path(os.environ.get("MARKETLOUNGE_SHARED_DATA", ROOT / "../shared/data"))
CACHE = pathlib.Path(os.environ.get("MARKETLOUNGE_BENCH", pathlib.Path.home() / ".cache/marketlounge/search"))
MODEL = ROOT / "models/weights/all-MiniLM-L6-v2"
DIMENSION, SEED, HELD_OUT, BODY_WORDS, NOISE = 384, 20261120, 20, 40, 0.15
CHUNK = 50_000


def rows(path, encoding="utf-8"):
    """Rows of a CSV file of the shared data."""
    with open(SHARED / "market" / path, encoding=encoding, errors="replace", newline="") as file:
        yield from csv.DictReader(file)


def tidy(text):
    """`text` on one line."""
    return re.sub(r"\s+", " ", (text or "").replace("\0", " ")).strip()


def real_texts():
    """Distinct pairs of a title and a body, in a fixed order."""
    pairs = []
    with gzip.open(SHARED / "market/offers/france_travail_offers.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            offer = json.loads(line)
            pairs.append((offer.get("intitule"), offer.get("description")))
    for path in ("vocabulary/esco/occupations_fr.csv", "vocabulary/esco/skills_fr.csv"):
        pairs += [(row["preferredLabel"], f"{row['description']} {row['altLabels']}") for row in rows(path)]
    for row in rows("procurement/decp_2019_10000.csv", "cp1252"):
        words = tidy(row["objet"]).split(" ")
        pairs.append((" ".join(words[:8]), " ".join(words)))
    texts = {}
    for title, body in pairs:
        words = tidy(body).split(" ")[:BODY_WORDS]
        if len(tidy(title)) > 2:
            texts.setdefault(tidy(title).casefold(), (tidy(title)[:120], " ".join(words)))
    return list(texts.values())


def query_of(title, number):
    """The first 2 to 7 words of a title."""
    return " ".join(title.split(" ")[: 2 + number % 6])


def embed(texts, embedder):
    """Vectors of `texts` by crate `encoder`, kept under a name made of the texts."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    name = hashlib.sha256(lines.encode()).hexdigest()[:16]
    path, source = CACHE / f"{name}.f32", CACHE / f"{name}.jsonl"
    if not path.exists():
        source.write_text(lines, encoding="utf-8")
        partial = path.with_suffix(".partial")
        command = [embedder, MODEL, source, "--vectors", partial, "--runs", "1", "--singles", "0"]
        subprocess.run([str(part) for part in command], check=True)
        partial.rename(path)
    return numpy.fromfile(path, dtype="<f4").reshape(len(texts), DIMENSION)


def base(embedder):
    """Real texts with vectors: those of the documents, and the queries made of those held out."""
    CACHE.mkdir(parents=True, exist_ok=True)
    texts = real_texts()
    held = [query_of(title, at) for at, (title, _) in enumerate(texts) if at % HELD_OUT == 7]
    kept = [pair for at, pair in enumerate(texts) if at % HELD_OUT != 7]
    vectors = embed([f"{title}. {body}" for title, body in kept] + held, embedder)
    return kept, vectors[: len(kept)], held, vectors[len(kept) :]


def recombined(kept, one, other, share):
    """The first `share` of one text and the rest of another."""
    def joined(left, right):
        left, right = left.split(" "), right.split(" ")
        return " ".join(left[: max(1, round(len(left) * share))] + right[round(len(right) * share) :])

    (title, body), (title_b, body_b) = kept[one], kept[other]
    return joined(title, title_b), joined(body, body_b)


def write(folder, count, embedder):
    """Writes documents.jsonl, vectors.f32, queries.jsonl and queries.f32 of `count` documents into `folder`."""
    mark = folder / f"complete-{count}"
    if mark.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    kept, vectors, held, query_vectors = base(embedder)
    companies = [(tidy(row["raisonsociale"]), row["departement"]) for row in rows("companies/etablissements.csv")]
    random = numpy.random.default_rng(SEED)
    with open(folder / "documents.jsonl", "w", encoding="utf-8") as documents, open(folder / "vectors.f32", "wb") as values:
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            one, other = random.integers(len(kept), size=(2, size))
            share = random.uniform(0.3, 0.7, size).astype("float32")
            real = numpy.arange(start, start + size) < len(kept)
            one[real], share[real] = numpy.arange(start, start + size)[real], 1.0
            noise = random.standard_normal((size, DIMENSION)).astype("float32") * (NOISE / DIMENSION**0.5)
            mixed = share[:, None] * vectors[one] + (1 - share[:, None]) * vectors[other]
            mixed = numpy.where(real[:, None], mixed, mixed + noise)
            (mixed / numpy.linalg.norm(mixed, axis=1, keepdims=True)).astype("<f4").tofile(values)
            employer = random.integers(len(companies), size=size)
            for at in range(size):
                title, body = kept[one[at]] if real[at] else recombined(kept, one[at], other[at], share[at])
                name, department = companies[employer[at]]
                row = {"id": f"d{start + at:07}", "name": name, "title": title, "body": body, "department": department}
                documents.write(json.dumps(row, ensure_ascii=False) + "\n")
    (folder / "queries.jsonl").write_text("".join(json.dumps(text) + "\n" for text in held), encoding="utf-8")
    query_vectors.astype("<f4").tofile(folder / "queries.f32")
    mark.touch()


if __name__ == "__main__":
    import sys

    write(pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
