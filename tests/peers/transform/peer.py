#!/usr/bin/env python3
"""Landing files to gold tables by DuckDB: one process, timed stage by stage, with a JSON report on standard output.

    peer.py run --project … --landing … --out … --way careful|simple [--threads 2] [--memory-mib 6144]
    peer.py digest --project … --out …            # of every table of a lake, ours or the peer's: rows and a hash of each column

`careful` keeps what is refused, with the rule, as our pipeline does; `simple` drops it by a WHERE clause, and checks no gold table.
"""

import argparse
import gzip
import json
import sys
import time
import tomllib
from pathlib import Path

import duckdb
from contracts import GOLD, TABLES, literal, marks, read
from dialect import MACROS, translate

# Tables that DuckDB joins as written: its own order crosses all people with all clients of a tenant first, and takes minutes.
AS_WRITTEN = ["intro_features"]
REFUSING, WARNING = ["quarantine"], ["warn", "fail_job", "fail_snapshot"]


class Peer:
    def __init__(self, options):
        self.options, self.project, self.out = options, options.project, options.out
        self.is_careful = options.way == "careful"
        self.rows, self.refused, self.seconds, self.notes = {}, {}, {}, []
        for layer in ("bronze", "silver", "gold", "quarantine"):
            (self.out / layer).mkdir(parents=True, exist_ok=True)
        self.db = duckdb.connect()
        settings = [
            f"threads = {options.threads}", f"memory_limit = '{options.memory_mib}MiB'", f"temp_directory = '{self.out / 'spill'}'",
            "max_temp_directory_size = '4GB'", "TimeZone = 'UTC'", "integer_division = true", "enable_progress_bar = false",
        ]  # fmt: skip
        for setting in settings:
            self.db.execute(f"SET {setting}")
        for macro in MACROS:
            self.db.execute(f"CREATE MACRO {macro}")
        for layer in ("bronze", "silver", "gold"):
            self.db.execute(f"CREATE SCHEMA {layer}")

    def file(self, layer, table):
        return self.out / layer / f"{table}.parquet"

    def copy(self, query, layer, table):
        """Writes a query's rows as Parquet; returns how many."""
        to = f"'{self.file(layer, table)}' (FORMAT parquet, COMPRESSION zstd)"
        return self.db.execute(f"COPY ({query}) TO {to}").fetchone()[0]

    def timed(self, name, make):
        started = time.perf_counter()
        make()
        self.seconds[name] = time.perf_counter() - started

    def run(self):
        for table in TABLES:
            self.timed(f"bronze.{table}", lambda: self.bronze(table))
        for table in TABLES:
            self.timed(f"silver.{table}", lambda: self.silver(table))
        for table in GOLD:
            self.timed(f"gold.{table}", lambda: self.gold(table))
        report = {"seconds": self.seconds, "rows": self.rows, "refused": self.refused, "notes": self.notes}
        print(json.dumps(report))

    def bronze(self, table):
        contract = read(self.project, "landing", table)
        files = sorted(file for file in (self.options.landing / table).rglob("*.*") if file.is_file())
        while True:
            self.db.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
            query = " UNION ALL ".join(self.source(table, contract, file) for file in files)
            try:
                rows = self.copy(query, "bronze", table)
                break
            except duckdb.IOException as error:
                # A damaged file is left out whole, as ours is.
                damaged = [file for file in files if str(file) in str(error)]
                if not damaged:
                    raise
                self.notes.append(f"{table}: {damaged[0].name} left out: {error}".splitlines()[0])
                files.remove(damaged[0])
        made = f"read_parquet('{self.file('bronze', table)}', file_row_number = true)"
        kept = "SELECT * EXCLUDE (file_row_number), file_row_number AS _line, NULL AS _file_digest FROM " + made
        if self.is_careful:
            self.refused[f"bronze.{table}"] = self.refuse(table, made)
            rows -= self.db.execute(f"SELECT count(*) FROM {made} WHERE _broken IS NOT NULL").fetchone()[0]
            kept += " WHERE _broken IS NULL"
        self.rows[f"bronze.{table}"] = rows
        self.db.execute(f"CREATE VIEW bronze.{table} AS {kept}")

    def refuse(self, table, made):
        """Writes the quarantine of a bronze table: what the CSV reader threw out, and rows whose cells are not of their type."""
        query = f"SELECT _file AS file, file_row_number AS line, _broken AS rule, _raw AS raw FROM {made} WHERE _broken IS NOT NULL"
        if self.db.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchone():
            query += """ UNION ALL SELECT any_value(s.file_path), e.line, first(lower(e.error_type)), any_value(e.csv_line)
                FROM reject_errors AS e JOIN reject_scans AS s USING (scan_id, file_id) GROUP BY e.scan_id, e.file_id, e.line"""
        return self.copy(query, "quarantine", f"bronze_{table}")

    def source(self, table, contract, file):
        """Returns the query of one landing file's rows, typed; where the peer is careful, with the rule that a row breaks."""
        name = file.name.removesuffix(".gz").removesuffix(".zst")
        if name.endswith(".csv"):
            return self.csv(contract, file)
        if name.endswith(".parquet"):
            values, texts = {column: column for column in contract.columns}, f"read_parquet('{file}')"
            return self.typed(contract, file, values, texts, contract.kinds)
        shape = "array" if name.endswith(".json") else "newline_delimited"
        mapping = self.project / "schemas/sources/default" / f"{table}.toml"
        if mapping.exists():
            fields, values = mapped(tomllib.loads(mapping.read_text())["column"])
        else:
            lists = {"strings": "VARCHAR[]", "floats": "DOUBLE[]"}
            fields = {column: lists.get(kind, "VARCHAR") for column, kind in contract.kinds.items()}
            values = {column: f'"{column}"' for column in contract.columns}
        columns = ", ".join(f"{literal(field)}: {literal(kind)}" for field, kind in fields.items())
        ignore = ", ignore_errors = true" if shape == "newline_delimited" else ""
        texts = f"read_json('{file}', format = '{shape}', columns = {{{columns}}}{ignore})"
        return self.typed(contract, file, values, texts, contract.kinds)

    def csv(self, contract, file):
        """DuckDB's CSV reader types cells itself, and keeps the lines that it throws out where it is told to."""
        with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as lines:
            header = next(lines).strip().split(",")
        is_list = {column: contract.kinds.get(column) in ("strings", "floats") for column in header}
        kinds = {column: "VARCHAR" if is_list[column] else contract.columns.get(column, "VARCHAR") for column in header}
        columns = ", ".join(f"'{column}': '{kind}'" for column, kind in kinds.items())
        rejects = "store_rejects = true" if self.is_careful else "ignore_errors = true"
        values = []
        for column, kind in contract.columns.items():
            value = f'"{column}"' if column in header else "NULL"
            if is_list.get(column):
                value = f"list_filter(list_transform(string_split({value}, '|'), lambda x: trim(x)), lambda x: x <> '')"
            values.append(f'CAST({value} AS {kind}) AS "{column}"')
        marks = ", NULL::VARCHAR AS _broken, NULL::VARCHAR AS _raw" if self.is_careful else ""
        return f"""SELECT {', '.join(values)}, '{file.name}' AS _file{marks} FROM read_csv('{file}', header = true,
            auto_detect = false, columns = {{{columns}}}, delim = ',', quote = '"', escape = '"', {rejects}, strict_mode = true)"""

    def typed(self, contract, file, values, texts, kinds):
        """Types texts: a cell that is given and cannot be read refuses its row, and so does a row of which nothing could be read."""
        plain = ("string", "strings", "floats", "json")
        given = [f'{value} AS "{column}"' for column, value in values.items()]
        cells, faults = [], []
        for column, kind in contract.columns.items():
            if column not in values:
                cells.append(f'CAST(NULL AS {kind}) AS "{column}"')
            elif kinds[column] in plain:
                cells.append(f'"{column}"')
            else:
                cells.append(f'TRY_CAST("{column}" AS {kind}) AS "{column}"')
                faults.append((column, f'"{column}" IS NOT NULL AND TRY_CAST("{column}" AS {kind}) IS NULL'))
        # A default is no sign that anything was read.
        names = [f'"{column}"' for column, value in values.items() if kinds[column] == "string" and "coalesce" not in value]
        nothing = f"coalesce({', '.join(names)}) IS NULL"
        cases = " ".join(f"WHEN {fault} THEN 'type_{column}'" for column, fault in faults)
        if not self.is_careful:
            sound = " AND ".join([f"NOT ({nothing})"] + [f"NOT ({fault})" for _, fault in faults])
            return f"SELECT {', '.join(cells)}, '{file.name}' AS _file FROM (SELECT {', '.join(given)} FROM {texts}) WHERE {sound}"
        return f"""SELECT {', '.join(cells)}, '{file.name}' AS _file, _broken,
              CASE WHEN _broken IS NOT NULL THEN CAST(to_json(struct_pack({', '.join(f'"{c}" := "{c}"' for c in values)})) AS VARCHAR) END AS _raw
            FROM (SELECT *, CASE WHEN {nothing} THEN 'invalid_json' {cases} END AS _broken FROM (SELECT {', '.join(given)} FROM {texts}))"""

    def silver(self, table):
        contract = read(self.project, "silver", table)
        select = translate((self.project / "dags/silver" / f"{table}.sql").read_text())
        broken, joins = marks(contract, table, REFUSING)
        warned, more = marks(contract, table, WARNING) if self.is_careful else ("''", "")
        key = ", ".join(contract.key)
        latest = "".join(f"{column} DESC NULLS LAST, " for column in contract.latest_by) + "_line DESC"
        kept = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in contract.columns.items())
        marked = f"""WITH staged AS ({select})
            SELECT s.*, {broken} AS _broken, {warned} AS _warned FROM staged AS s {joins} {more}"""
        last = f"_broken = '' QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {latest}) = 1 ORDER BY {key}"
        if not self.is_careful:
            query = f"SELECT {kept}, _file, _line FROM ({marked}) WHERE {last}"
            self.rows[f"silver.{table}"] = self.copy(query, "silver", table)
        else:
            # Rows are told apart once and written twice.
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE told AS {marked}")
            self.rows[f"silver.{table}"] = self.copy(f"SELECT {kept}, _file, _line FROM told WHERE {last}", "silver", table)
            query = "SELECT split_part(_broken, chr(10), 1) AS rule, * EXCLUDE (_warned) FROM told WHERE _broken <> '' ORDER BY _file, _line"
            self.refused[f"silver.{table}"] = self.copy(query, "quarantine", f"silver_{table}")
            self.db.execute("SELECT _warned, count(*) FROM told WHERE _warned <> '' GROUP BY _warned").fetchall()
            self.db.execute("DROP TABLE told")
        self.db.execute(f"CREATE VIEW silver.{table} AS SELECT * FROM '{self.file('silver', table)}'")

    def gold(self, table):
        contract = read(self.project, "gold", table)
        select = translate((self.project / "dags/gold" / f"{table}.sql").read_text())
        kept = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in contract.columns.items())
        query = f"SELECT {kept} FROM ({select}) ORDER BY {', '.join(contract.key)}"
        self.db.execute(f"SET disabled_optimizers = '{'join_order' if table in AS_WRITTEN else ''}'")
        self.rows[f"gold.{table}"] = self.copy(query, "gold", table)
        made = f"'{self.file('gold', table)}'"
        self.db.execute(f"CREATE VIEW gold.{table} AS SELECT * FROM {made}")
        if self.is_careful:
            broken, joins = marks(contract, table, REFUSING + WARNING)
            found = self.db.execute(
                f"""SELECT (SELECT count(*) FROM {made} AS s {joins} WHERE {broken} <> ''),
                (SELECT count(*) FROM (SELECT 1 FROM {made} GROUP BY {', '.join(contract.key)} HAVING count(*) > 1))"""
            ).fetchone()
            if any(found):
                sys.exit(f"gold.{table}: {found[0]} rows break a rule, {found[1]} keys are there twice")


def mapped(columns):
    """Returns the JSON fields that a mapping of offers reads, and the expression of each column."""
    fields, values = {}, {}

    def value(path):
        head, _, rest = path.partition(".")
        if head.endswith("[]"):
            fields[head[:-2]] = "JSON"
            return f"\"{head[:-2]}\"->>'$[*].{rest}'"
        if rest:
            if not isinstance(fields.get(head), dict):
                fields[head] = {}
            fields[head][rest] = "VARCHAR"
            return f'"{head}"."{rest}"'
        fields.setdefault(head, "VARCHAR")
        return f'"{head}"'

    for column, source in columns.items():
        paths = source["from"] if isinstance(source["from"], list) else [source["from"]]
        given = ", ".join(f"nullif({value(path)}, '')" for path in paths)
        expression = f"coalesce({given})" if len(paths) > 1 or "default" in source else value(paths[0])
        if source.get("cast") == "department":
            expression = f"CASE WHEN {expression}[:2] IN ('2A', '2B') THEN {expression}[:2] ELSE department_of({expression}) END"
        if "default" in source:
            expression = f"coalesce({given}, {literal(source['default'])})"
        values[column] = expression
    for field, kind in fields.items():
        if isinstance(kind, dict):
            inner = ", ".join(f'"{name}" VARCHAR' for name in kind)
            fields[field] = f"STRUCT({inner})"
    return fields, values


def files_of(out, layer, table):
    """Returns the Parquet files of a table: ours are listed where it was published, theirs is one."""
    current = out / layer / "_versions" / table / "CURRENT"
    lines = current.read_text().split() if current.exists() else [f"{layer}/{table}.parquet"]
    return [str(out / line) for line in lines]


def digest(options):
    """Prints rows and a hash of each column of every silver and gold table under a folder; rows are taken as a set."""
    db, found = duckdb.connect(), {}
    db.execute(f"SET threads = {options.threads}; SET TimeZone = 'UTC'; SET memory_limit = '{options.memory_mib}MiB'")
    for layer, table in [("silver", table) for table in TABLES] + [("gold", table) for table in GOLD]:
        contract = read(options.project, layer, table)
        files = files_of(options.out, layer, table)
        keys = " || chr(31) || ".join(f'CAST("{key}" AS VARCHAR)' for key in contract.key)
        sums = [f"sum(hash({keys}))"] + [
            # With its row's key, so that values that changed rows are seen; moments as text alike with and without a zone.
            f'sum(hash({keys} || coalesce(CAST(CAST("{column}" AS {kind}) AS VARCHAR), chr(30))))'
            for column, kind in contract.columns.items()
        ]
        row = db.execute(f"SELECT count(*), {', '.join(sums)} FROM read_parquet({files})").fetchone()
        found[f"{layer}.{table}"] = dict(zip(["rows", "key", *contract.columns], map(str, row)))
    print(json.dumps(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "digest"])
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--landing", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--way", choices=["careful", "simple"], default="careful")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-mib", type=int, default=6144)
    options = parser.parse_args()
    Peer(options).run() if options.what == "run" else digest(options)


main()
