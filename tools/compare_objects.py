#!/usr/bin/env python3
"""Compares the machine code of compiled pipelines, function by function.

usage: tools/compare_objects.py BEFORE AFTER

BEFORE and AFTER are model archives (libslimscale_model_*.a) or folders of pipelines' objects (the compiler's cache, searched
with its subfolders). Compared are the bytes of every function of a pipeline before linking, and the places and types of its
relocations; names, strings and tables may differ. Prints the pipelines that differ or exist on one side only, and fails if
there are any.
"""
import collections
import pathlib
import re
import subprocess
import sys
import tempfile


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sections_of(path):
    """Section number -> (name, file offset)."""
    row = re.compile(r"^\s*\[\s*(\d+)\]\s+(\S*)\s+(?:PROGBITS|NOBITS|RELA|\S+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+", re.M)
    return {int(n): (name, int(at, 16)) for n, name, at in row.findall(output_of("readelf", "-SW", path))}


def relocations_of(path):
    """Section name -> [(offset, type)]."""
    places, section = collections.defaultdict(list), ""
    for line in output_of("readelf", "-rW", path).splitlines():
        if match := re.match(r"Relocation section '\.rela(\S+)'", line):
            section = match[1]
        elif match := re.match(r"([0-9a-f]{8,})\s+[0-9a-f]+\s+(R_\S+)", line):
            places[section].append((int(match[1], 16), match[2]))
    return places


def functions_of(path):
    """Function name -> (bytes, relocations relative to its begin)."""
    sections, places, data = sections_of(path), relocations_of(path), path.read_bytes()
    row = re.compile(r"^\s*\d+:\s+([0-9a-f]+)\s+(0x[0-9a-f]+|\d+)\s+FUNC\s+\S+\s+\S+\s+(\d+)\s+(\S+)$", re.M)
    found = {}
    for value, size, section, name in row.findall(output_of("readelf", "-sW", path)):
        begin, length = int(value, 16), int(size, 0)
        section_name, at = sections[int(section)]
        inside = [(o - begin, t) for o, t in places.get(section_name, []) if begin <= o < begin + length]
        found[name] = (data[at + begin:at + begin + length], inside)
    return found


def pipeline_of(function):
    """The pipeline of a function slimscale_<pipeline>_<type>_<target> or of one that belongs to it; none of metadata."""
    match = re.match(r"(slimscale_\w+?_(?:f32|f16|q16|bf16|int8)_(?:naive|baseline|neon|[a-z]+\d*)(?:_(?:q16|f16|bf16|int8))?)(?![a-z0-9])", function)
    return match[1] if match and "_metadata" not in function else None


def pipelines_of(source):
    """Pipeline -> the code of its functions, in the order of their names."""
    with tempfile.TemporaryDirectory() as folder:
        objects = sorted(source.rglob("*.o")) if source.is_dir() else []
        if source.is_file():
            subprocess.run(["ar", "x", source.resolve()], check=True, cwd=folder)
            objects = sorted(pathlib.Path(folder).iterdir())
        pipelines = collections.defaultdict(dict)
        for path in objects:
            for name, code in functions_of(path).items():
                if pipeline := pipeline_of(name):
                    pipelines[pipeline][name] = code
    return pipelines


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    before, after = (pipelines_of(pathlib.Path(argument)) for argument in sys.argv[1:])
    for side, other, where in ((before, after, sys.argv[1]), (after, before, sys.argv[2])):
        for pipeline in sorted(side.keys() - other.keys()):
            print(f"only in {where}: {pipeline}")
    common = sorted(before.keys() & after.keys())
    different = [p for p in common if list(before[p].values()) != list(after[p].values())]
    for pipeline in different:
        print(f"differs: {pipeline}")
    functions = sum(len(before[p]) for p in common)
    print(f"{len(common) - len(different)} of {len(common)} pipelines are the same to the byte ({functions} functions)")
    if not common or different or before.keys() != after.keys():
        sys.exit(1)


if __name__ == "__main__":
    main()
