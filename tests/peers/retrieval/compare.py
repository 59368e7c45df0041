"""NDCG@10 and Recall@20 of MarketLounge's search and of what one would otherwise assemble, on the same judged sets.

The peers: BM25 (k1 1.2, b 0.75) over Snowball stems of the set's language without stop words, sentence-transformers on the same weights, and their fusion:
min-max normalised scores of the union of both top-100 lists, every candidate scored by both. The fusion's weight is the best of
nine **on the test queries themselves**, which flatters the peer; ours is the default, tuned on none of them.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import re
import unicodedata

import numpy
import snowballstemmer
from sentence_transformers import SentenceTransformer

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = pathlib.Path(os.environ.get("MARKETLOUNGE_SHARED_DATA", ROOT / "../shared/data"))
SETS = {"ft_offer_to_rome": "french", "decp_objet_to_cpv": "french", "cranfield": "english"}
OURS = {"words": "MarketLounge, no encoder", "default": "MarketLounge, default"}
CANDIDATES = 100
STOP_WORDS = {
    "french": """au aux avec c ce ces cet cette chez d dans de des du elle en entre et eux il ils j je l la le les leur lui m ma mais
        me mes moi mon même n ne nos notre nous on ont ou par pas plus pour qu que qui s sa sans se ses son sous sur t ta te tes toi
        ton tu un une vos votre vous y à a ai as avez avoir avons es est sommes suis être êtes sont sera serai seras serez serons seront
        étant été étée étées étés""",
    "english": """a an and are as at be by can for from has have how in into is it its of on or that the their then there these this to
        was were what which will with""",
}


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def text_of(row):
    return f"{row.get('title', '')} {row['text']}".strip()


def judgements(path):
    judged = collections.defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")[:3]
        judged[query][document] = float(grade)
    return judged


def figures(ranks, judged):
    """Mean NDCG@10 (linear gain) and Recall@20 of `ranks`: query -> ids, best first."""
    ndcg, recall = [], []
    for query, found in ranks.items():
        grades = judged[query]
        gain = sum(grades.get(one, 0) / math.log2(at + 2) for at, one in enumerate(found[:10]))
        ideal = sum(g / math.log2(at + 2) for at, g in enumerate(sorted(grades.values(), reverse=True)[:10]))
        relevant = {one for one, grade in grades.items() if grade > 0}
        ndcg.append(gain / ideal if ideal else 0)
        recall.append(len(relevant & set(found[:20])) / max(len(relevant), 1))
    return sum(ndcg) / len(ndcg), sum(recall) / len(recall)


class Bm25:
    def __init__(self, texts, language):
        self.stemmer = snowballstemmer.stemmer(language)
        self.stop_words = set(STOP_WORDS[language].split())
        documents = [collections.Counter(self.terms(text)) for text in texts]
        lengths = numpy.array([sum(document.values()) for document in documents])
        self.norms = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        self.postings = collections.defaultdict(list)
        for at, document in enumerate(documents):
            for term, frequency in document.items():
                self.postings[term].append((at, frequency))

    def terms(self, text):
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())
        words = [word for word in words if word not in self.stop_words]
        folded = (unicodedata.normalize("NFD", word) for word in self.stemmer.stemWords(words))
        return ["".join(c for c in word if not unicodedata.combining(c)) for word in folded]

    def scores(self, query):
        scores = numpy.zeros(len(self.norms))
        for term in self.terms(query):
            having = self.postings.get(term, [])
            if having:
                at, frequency = numpy.array(having).T
                rarity = math.log(1 + (len(scores) - len(having) + 0.5) / (len(having) + 0.5))
                scores[at] += rarity * frequency * 2.2 / (frequency + self.norms[at])
        return scores


def best(ids, scores, candidates=None, count=20):
    among = numpy.arange(len(scores)) if candidates is None else candidates
    order = among[numpy.lexsort((among, -scores[among]))][:count]
    return [ids[at] for at in order if candidates is not None or scores[at] > 0]


def fused(words, vectors, share):
    """Scores of the union of both lists: `share` for words."""
    top = [numpy.argsort(-leg, kind="stable")[:CANDIDATES] for leg in (words, vectors)]
    union = numpy.union1d(*top)
    scaled = [(leg - leg[union].min()) / max(numpy.ptp(leg[union]), 1e-9) for leg in (words, vectors)]
    return share * scaled[0] + (1 - share) * scaled[1], union


def peers(folder, language, model, judged):
    corpus, queries = rows(folder / "corpus.jsonl"), rows(folder / "queries.jsonl")
    ids = [row["_id"] for row in corpus]
    asked = [row for row in queries if row["_id"] in judged]
    bm25 = Bm25([text_of(row) for row in corpus], language)
    embed = lambda texts: model.encode(texts, normalize_embeddings=True, batch_size=64)
    cosines = embed([row["text"] for row in asked]) @ embed([text_of(row) for row in corpus]).T
    words = [bm25.scores(row["text"]) for row in asked]
    names = [row["_id"] for row in asked]
    systems = {
        "BM25, stemmed": {name: best(ids, scores) for name, scores in zip(names, words)},
        "sentence-transformers": {name: best(ids, scores) for name, scores in zip(names, cosines)},
    }
    shares = [share / 10 for share in range(1, 10)]
    hybrids = {
        f"best fixed hybrid ({share} words)": {
            name: best(ids, *fused(w, c, share)) for name, w, c in zip(names, words, cosines)
        }
        for share in shares
    }
    chosen = max(hybrids, key=lambda name: figures(hybrids[name], judged)[0])
    return {**systems, chosen: hybrids[chosen]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True)
    arguments = parser.parse_args()
    ours = collections.defaultdict(lambda: collections.defaultdict(dict))
    for row in rows(arguments.ours):
        ours[row["set"]][row["system"]][row["query"]] = row["found"]
    model = SentenceTransformer(arguments.model, device="cpu")
    for name, language in SETS.items():
        judged = judgements(SHARED / "eval" / name / "qrels.tsv")
        theirs = peers(SHARED / "eval" / name, language, model, judged)
        measured = {system: figures(ranks, judged) for system, ranks in theirs.items()}
        bars = [max(values) for values in zip(*measured.values())]
        measured |= {label: figures(ours[name][system], judged) for system, label in OURS.items()}
        print(f"\n{name}: {len(judged)} queries\n{'':<34}NDCG@10  Recall@20   to the best peer")
        for system, (ndcg, recall) in measured.items():
            print(f"  {system:<32}{ndcg:>7.3f}{recall:>11.3f}   {ndcg / bars[0]:>6.2f}{recall / bars[1]:>8.2f}")


if __name__ == "__main__":
    main()
