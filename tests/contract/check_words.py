#!/usr/bin/env python3
"""Fails when a word that was given up returns: docs/glossary.md has the word to use.

usage: tests/contract/check_words.py [--self-test]

Looks at every tracked text file but the changelog, findings/ (what other programs do, in their words) and this file.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = ("CHANGELOG.md", "findings/", "tests/contract/check_words.py", "LICENSE")

# A pattern of a word that was given up -> the word to use.
GIVEN_UP = {
    r"(?i:(?<![a-z])tiers?(?![a-z]))|Tiers?(?=[A-Z_(]|\b)": "target",
    r"(?i:(?<![a-z])frequenc(y|ies)(?![a-z]))|Frequenc": "Winograd-domain element (a processor's is its clock)",
    r"(?i)slimscale_calibrat|(?<![a-z])(re)?calibrate(?![a-z])|NOT_CALIBRATED|INVALID_CALIBRATION": "profile (of times)",
    r"UNKNOWN_WIDTH|UNTRAINED_WIDTH|\b(info|report|cost)(\.|->)widths\b|\b(request|report|cost)(\.|->)width\b": "channels",
    r"(Block|Operation|StepKind)::gate\b|`gate`|\bgate_[\d<]|SLIMSCALE_\w+\(gate\b|\bgate factors": "squeeze_excite, squeeze-and-excitation",
    r"\bOp::mean\b|\bb\.mean\(": "global_average_pool",
    r"(?i)(?<![a-z])pulse(?![a-z])|\bmeet\(\)|kForEver|kFarewell": "heartbeat, barrier",
    r"kUnitInLastPlace|steps of a king|\b[Ww]orkshop\b|telling_line|\bfilter forms?\b|FilterForm": "see docs/glossary.md",
}

# Where such a word is correct: a file, and what its line must contain.
ALLOWED = [
    ("bench/blocks/bench_blocks.cpp", '"--tier"'),  # options that were called so, still accepted
    ("bench/tune/options.cpp", '"--tiers"'),
    ("tests/bench/tune_program_test.cpp", "--tiers"),
    ("cli/main.cpp", 'alias("calibrate")'),
    ("cli/README.md", "also accepted as `calibrate`"),
    ("tests/cli/tool_test.cpp", '"calibrate '),
]


def faults(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        if any(name.startswith(file) and part in line for file, part in ALLOWED):
            continue
        for pattern, word in GIVEN_UP.items():
            found = re.search(pattern, line)
            if found:
                yield f'{name}:{number}: "{found.group()}" was given up: {word}'


def self_test():
    wrong = ["best tier first", "struct TestTier {", "slimscale_tier *t;", "at each frequency", "kQ16Frequencies",
             "slimscale_calibrate(s)", "calibrate again", "SLIMSCALE_UNKNOWN_WIDTH", "report.widths", "b.mean(x)",
             'SLIMSCALE_BLOCK(gate, "")', "processes->meet()", "pulse_"]
    right = ["a calibrated file", "frontier", "aggregate, propagate", "uncalibrated", "request.channels", "quality::mean(x)",
             "a target", "impulse"]
    return [f"not found: {line}" for line in wrong if not list(faults("a.cpp", line))] + [
        found for line in right for found in faults("a.cpp", line)]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        print("[SKIP] no git here to list the files")
        sys.exit(0)
    for name in listed.stdout.decode().split("\0"):
        if name and not name.startswith(LEFT_OUT) and (ROOT / name).is_file():
            data = (ROOT / name).read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8", "replace")


found = self_test() if "--self-test" in sys.argv[1:] else [fault for file in tracked() for fault in faults(*file)]
print("\n".join(found), end="\n" if found else "")
sys.exit(1 if found else 0)
