"""Holds every event, and every facet in it, to the schema that it names."""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

schemas, lake = map(pathlib.Path, sys.argv[1:])
known = [json.loads(path.read_text()) for path in sorted(schemas.glob("*.json"))]
registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in known)
checker = FormatChecker()
validators = {}


def hold(value, url):
    if url not in validators:
        validators[url] = Draft202012Validator({"$ref": url}, registry=registry, format_checker=checker)
    for error in validators[url].iter_errors(value):
        sys.exit(f"{url}: {error.message} at {error.json_path}")


def facets(value):
    if isinstance(value, dict):
        if "_schemaURL" in value:
            yield value
        for part in value.values():
            yield from facets(part)
    elif isinstance(value, list):
        for part in value:
            yield from facets(part)


events = told = 0
for path in sorted((lake / "lineage").glob("*.jsonl")):
    for line in path.read_text().splitlines():
        event = json.loads(line)
        hold(event, event["schemaURL"])
        events += 1
        for facet in facets(event):
            hold(facet, facet["_schemaURL"])
            told += 1
print(f"{events} events and {told} facets keep to their schemas")
