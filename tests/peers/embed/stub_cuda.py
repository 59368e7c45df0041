"""Lets PyPI's torch for Linux x86-64 be imported without the NVIDIA libraries.

PyPI has no CPU-only torch for Linux: its wheel links against some 3 GB of CUDA wheels, none of which the CPU path
calls. This script, run once by the environment's own Python after `pip install --no-deps torch`, writes beside torch's
libraries empty ones of the missing names; each of their functions answers "no device" (cudaErrorNoDevice). The CPU
kernels (oneDNN and MKL, in libtorch_cpu.so) are torch's own, untouched.
"""

import collections
import pathlib
import re
import subprocess
import sysconfig
import tempfile

# What a function without a device answers: cudaErrorNoDevice, save where the CPU path asks and reads the answer.
NO_DEVICE = "int {name}(void) {{ return 100; }}"
ANSWERS = {
    "cudaGetDevice": "int {name}(int *device) {{ *device = 0; return 0; }}",
    "cudaGetDeviceCount": "int {name}(int *count) {{ *count = 0; return 0; }}",
    "cudaGetErrorName": 'const char *{name}(int code) {{ (void)code; return "stub"; }}',
    "cudaGetErrorString": 'const char *{name}(int code) {{ (void)code; return "no CUDA device (stub)"; }}',
    "cudaStreamIsCapturing": "int {name}(void *stream, int *status) {{ (void)stream; *status = 0; return 0; }}",
}
VENDOR = re.compile(r"lib(cu|nv|nccl)")
SYMBOL = re.compile(r"_{0,2}(cu|nv|nccl|NV)\w*$")


def run(*command):
    """The standard output of a command."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needs(libraries):
    """The vendor libraries that torch's own want, and the functions they want of them, by symbol version."""
    sonames, functions = set(), collections.defaultdict(set)
    for library in libraries:
        sonames.update(re.findall(r"NEEDED.*\[(.*?)\]", run("readelf", "-d", "-W", library)))
        for symbol in re.findall(r"\b[Uw] (\S+)", run("nm", "-D", "--undefined-only", library)):
            name, _, version = symbol.partition("@")
            if SYMBOL.match(name) or VENDOR.match(version):
                functions[version.lstrip("@")].add(name)
    return sonames, functions


def main():
    """Compiles one stub for each missing library."""
    folder = pathlib.Path(sysconfig.get_paths()["purelib"]) / "torch" / "lib"
    libraries = sorted(folder.glob("*.so*"))
    present = {library.name for library in libraries}
    sonames, functions = needs(libraries)
    missing = sorted(name for name in sonames if VENDOR.match(name) and name not in present)
    unversioned = functions.pop("", set())
    for version in list(functions):
        if version not in missing:
            unversioned |= functions.pop(version)
    for soname in missing:
        names = functions[soname] or (unversioned if soname == "libnccl.so.2" else set())
        with tempfile.TemporaryDirectory() as scratch:
            source, script = pathlib.Path(scratch, "stub.c"), pathlib.Path(scratch, "stub.map")
            bodies = (ANSWERS.get(name, NO_DEVICE).format(name=name) for name in sorted(names))
            source.write_text("\n".join(bodies))
            version = f"{soname} {{ global: *; }};\n" if functions[soname] else "{ global: *; };\n"
            script.write_text(version)
            run("cc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{soname}",
                f"-Wl,--version-script={script}", "-o", str(folder / soname), str(source))
    print(f"torch: {len(missing)} CUDA libraries stubbed in {folder}")


if __name__ == "__main__":
    main()
