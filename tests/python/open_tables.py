"""Opens every published gold table as BI tools do: DuckDB through the views, and pyarrow, pandas and polars from the files.

    open_tables.py GOLD_FOLDER VIEWS_FILE < contracts.jsonl

`contracts.jsonl` is what `pipeline --json contracts render` prints. Columns must have the types that their contract promises, in
every tool, and all tools must see the same rows. Prints a JSON line for each table, or fails and names the column.
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet

DUCKDB = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "cents": "BIGINT",
    "strings": "VARCHAR[]",
    "floats": "DOUBLE[]",
    "json": "VARCHAR",
}
ARROW = {
    "string": pyarrow.string(),
    "int": pyarrow.int64(),
    "float": pyarrow.float64(),
    "bool": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "timestamp": pyarrow.timestamp("us", tz="UTC"),
    "cents": pyarrow.int64(),
    "json": pyarrow.string(),
}
LISTS = {"strings": pyarrow.string(), "floats": pyarrow.float64()}
POLARS = {
    "string": polars.String,
    "int": polars.Int64,
    "float": polars.Float64,
    "bool": polars.Boolean,
    "date": polars.Date,
    "timestamp": polars.Datetime("us", "UTC"),
    "cents": polars.Int64,
    "strings": polars.List(polars.String),
    "floats": polars.List(polars.Float64),
    "json": polars.String,
}


def expect(table, column, tool, found, wanted):
    if found != wanted:
        sys.exit(f"{table}.{column}: {tool} sees {found}, the contract promises {wanted}")


def is_arrow(kind, found):
    if kind in LISTS:
        return pyarrow.types.is_list(found) and found.value_type == LISTS[kind]
    return found == ARROW[kind]


def main():
    gold, views = Path(sys.argv[1]), Path(sys.argv[2])
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    database.execute(views.read_text())
    for line in sys.stdin:
        contract = json.loads(line)
        name = contract["table"]
        layer, table = name.split(".")
        file = gold / table / f"{table}.parquet"
        if layer != "gold" or not file.exists():
            continue
        kinds = {column["name"]: column["type"] for column in contract["columns"]}
        described = {row[0]: row[1] for row in database.execute(f"DESCRIBE {name}").fetchall()}
        arrow, frame = pyarrow.parquet.read_table(file), polars.read_parquet(file)
        for column, kind in kinds.items():
            expect(name, column, "DuckDB", described.get(column), DUCKDB[kind])
            expect(name, column, "polars", frame.schema.get(column), POLARS[kind])
            found = arrow.schema.field(column).type
            if not is_arrow(kind, found):
                sys.exit(f"{name}.{column}: pyarrow sees {found}, the contract promises {kind}")
        expect(name, "*", "DuckDB", list(described), list(kinds))
        rows = {
            "duckdb": database.execute(f"SELECT count(*) FROM {name}").fetchone()[0],
            "pyarrow": arrow.num_rows,
            "pandas": len(pandas.read_parquet(file)),
            "polars": frame.height,
        }
        if len(set(rows.values())) != 1:
            sys.exit(f"{name}: the tools see different numbers of rows: {rows}")
        comments = database.execute(
            "SELECT count(comment) FROM duckdb_columns() WHERE schema_name = 'gold' AND table_name = ?",
            [table],
        ).fetchone()[0]
        print(json.dumps({"table": name, "rows": rows["duckdb"], "comments": comments}))


main()
