"""Contracts as the peer needs them: columns with types, key, order of states, rules; and the market's tables in the order they are made."""

import tomllib
from dataclasses import dataclass

# Bronze and silver tables; what a table refers to comes before it.
TABLES = [
    "glossary_nodes", "concepts", "companies", "clients", "projects", "providers", "bids", "people", "slots", "bookings",
    "intros", "submissions", "payments", "offers", "queries", "feedback", "interactions",
]  # fmt: skip
# Gold tables that SQL alone makes of them.
GOLD = [
    "glossary", "accounts", "account_events", "offers", "booking_features", "intro_features", "open_slots", "judgements",
    "search_quality", "market_demand",
]  # fmt: skip
# What a DAG must name so that these tables are made, and no others.
TARGETS = [f"gold.{table}" for table in GOLD] + ["silver.payments"]

TYPES = {
    "string": "VARCHAR", "int": "BIGINT", "cents": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMP", "strings": "VARCHAR[]", "floats": "DOUBLE[]", "json": "VARCHAR",
}  # fmt: skip
TENANT = "^tenant_[a-zA-Z0-9_]+$"


@dataclass
class Contract:
    """A table's contract with what it extends and what it implies worked out."""

    columns: dict[str, str]  # name to DuckDB type
    kinds: dict[str, str]  # name to the contract's type
    key: list[str]
    latest_by: list[str]
    rules: list[dict]


def read(project, layer, table):
    """Reads a contract; a rule `not_null_<column>` comes first for each column that may not be null."""
    document, columns = described(project, layer, table)
    implied = [
        {"name": f"not_null_{name}", "check": "not_null", "columns": [name], "action": "quarantine"}
        for name, column in columns.items()
        if not column.get("nullable", True) and layer != "landing"
    ]
    kinds = {name: column["type"] for name, column in columns.items()}
    types = {name: TYPES[kind] for name, kind in kinds.items()}
    return Contract(types, kinds, document["key"], document.get("latest_by", []), implied + document.get("rule", []))


def described(project, layer, table):
    """Returns a contract's document, and its columns after those of the table that it extends."""
    document = tomllib.loads((project / "schemas" / layer / f"{table}.toml").read_text())
    columns = described(project, *document["extends"].split("."))[1] if "extends" in document else {}
    return document, columns | {column["name"]: column for column in document.get("column", [])}


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def breaking(rule, index, table):
    """Returns the condition under which a row `s` breaks a rule, and the joins it needs: pipeline/sql/src/rules.rs."""
    columns = [f's."{column}"' for column in rule["columns"]]
    column, joins = columns[0], ""
    match rule["check"]:
        case "not_null":
            condition = " OR ".join(f"{column} IS NULL" for column in columns)
        case "range":
            ends = [f"{column} < {rule['min']}"] if "min" in rule else []
            ends += [f"{column} > {rule['max']}"] if "max" in rule else []
            condition = " OR ".join(ends)
        case "regex":
            condition = f"NOT regexp_matches({column}, {literal(rule['pattern'])})"
        case "tenant":
            condition = f"NOT regexp_matches({column}, {literal(TENANT)})"
        case "allowed":
            condition = f"{column} NOT IN ({', '.join(map(literal, rule['values']))})"
        case "siren":
            condition = f"NOT is_siren({column})"
        case "references":
            return reference(rule, columns, index, table)
        case other:
            raise ValueError(f"rule {rule['name']} of {table}: the peer cannot check {other!r}")
    return f"coalesce({condition}, false)", joins


def reference(rule, columns, index, table):
    """What a tenant refers to may be its own or the public tenant's."""
    source = "staged" if rule["table"] == f"silver.{table}" else rule["table"]
    pairs = list(zip(columns, rule["to"]))

    def join(alias, pairs, condition):
        names = ", ".join(key for _, key in pairs)
        on = " AND ".join(f"{column} = {alias}.{key}" for column, key in pairs)
        return f" LEFT JOIN (SELECT DISTINCT {names}, true AS _found FROM {source}{condition}) AS {alias} ON {on}"

    condition = " AND ".join(f"{column} IS NOT NULL" for column in columns) + f" AND reference_{index}._found IS NULL"
    joins = join(f"reference_{index}", pairs, "")
    shared = [pair for pair in pairs if pair[1] != "tenant"]
    if 0 < len(shared) < len(pairs):
        condition += f" AND public_{index}._found IS NULL"
        joins += join(f"public_{index}", shared, " WHERE tenant = 'tenant_public'")
    return condition, joins


def marks(contract, table, actions):
    """Returns an expression that names the rules a row breaks, first things first, and the joins it needs."""
    rules = [(i, rule) for i, rule in enumerate(contract.rules) if rule["action"] in actions and rule["check"] != "unique"]
    broken = [(rule["name"], *breaking(rule, i, table)) for i, rule in rules]
    cases = [f"CASE WHEN {condition} THEN {literal(name)} END" for name, condition, _ in broken]
    expression = f"concat_ws(chr(10), {', '.join(cases)})" if cases else "''"
    return expression, "".join(joins for *_, joins in broken)
