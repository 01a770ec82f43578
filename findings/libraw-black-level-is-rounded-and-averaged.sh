#!/usr/bin/env bash
# LibRaw cuts fractions off the black level of DNG files and averages its deltas over rows and columns.
#
# Guess: BlackLevel is a rational in DNG, and BlackLevelDeltaH and V give each column and row its own black; a
#   reader subtracts what the file says.
# What happens: 64.5 becomes 64. With a delta of 0 to 95 over 96 columns every column gets the mean, 47 more; after
#   black subtraction the ramp of the sensor stays in the picture, 47 codes too low at one side and 48 too high at
#   the other.
# Versions: rawpy 0.28.0 (LibRaw 0.22.2)
# Why it matters: Dark areas of raw training pairs carry an offset or a gradient that the maker's converter has
#   removed; a network learns to remove or to add it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 rawpy==0.28.0
venv/bin/python - <<'EOF'
import struct, sys
import numpy as np, rawpy

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

# Tag, type and values of an uncompressed 16-bit RGGB file.
BASE = (
    "254 4 0; 258 3 16; 259 3 1; 262 3 32803; 271 2 84 0; 272 2 67 0; 273 4 0; 274 3 1; 277 3 1; 33421 3 2 2; "
    "33422 1 0 1 1 2; 50706 1 1 4 0 0; 50708 2 84 32 67 0; 50717 3 16383; 50728 5 1 1 1 1 1 1; 50778 3 21; "
    "50721 10 1 1 0 1 0 1 0 1 1 1 0 1 0 1 0 1 1 1; "
)

def dng(path, raw, tags):
    height, width = raw.shape
    entries = {}
    for item in (BASE + f"256 4 {width}; 257 4 {height}; 278 4 {height}; 279 4 {raw.nbytes}; {tags}").split(";"):
        key, kind, *values = map(int, item.split())
        letter = {1: "B", 2: "B", 3: "H", 4: "I", 5: "I", 10: "i"}[kind]
        count = len(values) // (2 if kind in (5, 10) else 1)
        entries[key] = kind, count, struct.pack(f"<{len(values)}{letter}", *values)
    start, table, blob = 8 + 2 + 12 * len(entries) + 4, b"", b""
    total = start + sum(len(data) + len(data) % 2 for _, _, data in entries.values() if len(data) > 4)
    for key, (kind, count, data) in sorted(entries.items()):
        place = struct.pack("<I", total) if key == 273 else data.ljust(4, b"\0")
        if len(data) > 4:
            place, blob = struct.pack("<I", start + len(blob)), blob + data + bytes(len(data) % 2)
        table += struct.pack("<HHI", key, kind, count) + place
    header = b"II*\0" + struct.pack("<IH", 8, len(entries))
    open(path, "wb").write(header + table + bytes(4) + blob + raw.tobytes())

print("rawpy", rawpy.__version__, "LibRaw", rawpy.libraw_version)
flat = np.full((64, 96), 2000, "<u2")

def black(path):
    with rawpy.imread(path) as picture:
        return picture.black_level_per_channel

def linear(path):
    with rawpy.imread(path) as picture:
        options = {"output_bps": 16, "gamma": (1, 1), "no_auto_bright": True, "user_wb": [1, 1, 1, 1], "user_flip": 0}
        options |= {"output_color": rawpy.ColorSpace.raw, "adjust_maximum_thr": 0}
        return picture.postprocess(**options)[32, :, 1].astype(int)

dng("half.dng", flat, "50714 5 129 2")
seen = black("half.dng")
show("BlackLevel 129/2", [64.5] * 4, seen, list(seen) == [64] * 4)
columns = np.arange(96)
dng("delta.dng", flat + columns.astype("<u2"), "50714 3 100; 50715 10 " + " ".join(f"{c} 1" for c in columns))
seen = black("delta.dng")
show("BlackLevel 100 plus 0..95 by column", "100 to 195 by column", seen, set(seen) <= {147, 148})
row = linear("delta.dng")
show(
    "flat grey above that black: first and last column of the picture",
    "equal",
    (int(row[4]), int(row[-5])),
    row[-5] - row[4] > 200,
)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
