#!/usr/bin/env python3
"""Tries the includes between top-level folders, allowed and forbidden, with the flags that the build really uses.

usage: check_includes.py BUILD

The rule is the column "may use" of docs/architecture.md. The flags are those of BUILD/compile_commands.json: a folder has
several targets, and each set of include folders among them is tried. A forbidden include that finds a file fails, and so
does an allowed one that finds none or does not compile.
"""
import json
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ANYTHING = {"tests", "bench"}


def read_rules():
    """Folder -> the folders that it may include: those of its row, and all that those may include."""
    rules = {}
    page = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `(\w+)/[\w/]*`[^|]*\|[^|]*\|([^|]*)\|$", page, re.M)
    rows = [row for row in rows if any((ROOT / row[0]).rglob("*.h"))]
    for folder, _ in rows:
        rules.setdefault(folder, {folder})
    for folder, cell in rows:
        rules[folder] |= set(re.findall(r"\w+", re.sub(r"`[^`]*`|\w+'s", "", cell))) & set(rules)
    for _ in rules:
        for allowed in rules.values():
            allowed |= {below for folder in list(allowed) for below in rules[folder]}
    return {folder: allowed for folder, allowed in rules.items() if folder not in ANYTHING}


def headers_of(folder):
    """Headers to try: one that must be found, and the shortest one that includes only standard headers, if there is any."""
    listed = sorted((ROOT / folder).rglob("*.h"))
    plain = [h for h in listed if not re.search(r'#include "|#include <(?!\w+>)', h.read_text())]
    smallest = min(plain, key=lambda header: header.read_text().count("\n"), default=None)
    return listed[0].relative_to(ROOT), smallest.relative_to(ROOT) if smallest else None


def compilations(build, folders):
    """(folder, compiler and flags, one of its sources), once for each set of include folders."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(entry["file"])
        folder = path.relative_to(ROOT).parts[0] if path.is_relative_to(ROOT) else ""
        words = shlex.split(entry["command"])
        target = words[words.index("-o") + 1]  # tests/cli/CMakeFiles/...: tests may compile a source of another folder
        if folder not in folders or path.suffix != ".cpp" or not target.startswith(f"{folder}/"):
            continue
        while not re.search(r"(\+\+|cc|clang)(-[\d.]+)?$", words[0]) or words[0].endswith("ccache"):
            words = words[1:]
        flags, skip = [], False
        for word in words[1:]:
            if skip or word in ("-o", "-c", "-MF", "-MT", "-include"):
                skip = not skip and word != "-c"
            elif word not in ("-MD", "-Winvalid-pch") and word != entry["file"]:
                flags.append(word)
        includes = tuple(w for w in flags if w.startswith("-I"))
        found.setdefault((folder, includes), ([words[0], *flags], path.relative_to(ROOT), entry["directory"]))
    return [(folder, *rest) for (folder, _), rest in found.items()]


def compile_text(command, directory, text):
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
        source.write(text)
        source.flush()
        return subprocess.run([*command, "-fsyntax-only", source.name], cwd=directory, capture_output=True, text=True)


def try_folder(case, rules, headers):
    folder, command, source, directory = case
    faults, tried = [], 0
    for other in sorted(headers):
        some, plain = headers[other]
        if other not in rules[folder]:
            tried += 1
            result = compile_text(command, directory, f'#include "{some}"\n')
            if result.returncode == 0 or f"{some}: No such file" not in result.stderr:
                faults.append(f"{folder}/ may not use {other}/, but #include \"{some}\" finds a file with the flags of {source}")
    return faults, tried


def try_allowed(folder, cases, rules, headers):
    """Each allowed include compiles in at least one of the folder's targets."""
    faults, tried = [], 0
    for other in sorted(rules[folder] & set(headers)):
        plain = headers[other][1]
        if plain is None:
            continue
        tried += 1
        results = (compile_text(command, directory, f'#include "{plain}"\n') for _, command, _, directory in cases)
        if not any(result.returncode == 0 for result in results):
            faults.append(f"{folder}/ may use {other}/, but #include \"{plain}\" compiles in none of its targets")
    return faults, tried


def main():
    build = Path(sys.argv[1]).resolve()
    rules = read_rules()
    cases = compilations(build, rules)
    missing = {f for f in rules if any((ROOT / f).rglob("*.cpp"))} - {case[0] for case in cases} - {"trainer", "python"}  # where their libraries are
    if len(rules) < 10 or missing:
        sys.exit(f"nothing was tried: rows {sorted(rules)}, no sources compiled in {sorted(missing)}")
    headers = {folder: headers_of(folder) for folder in sorted(set(rules) | ANYTHING)}
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda case: try_folder(case, rules, headers), cases))
        done_allowed = list(pool.map(
            lambda folder: try_allowed(folder, [c for c in cases if c[0] == folder], rules, headers), {c[0] for c in cases}))
    faults = [fault for found, _ in done + done_allowed for fault in found]
    forbidden, allowed = (sum(count for _, count in part) for part in (done, done_allowed))
    print(f"{forbidden} forbidden includes and {allowed} allowed ones in {len(cases)} sets of flags; {len(faults)} are wrong")
    print("\n".join(faults))
    if faults or forbidden < 50 or allowed < 20:
        sys.exit(1)


if __name__ == "__main__":
    main()
