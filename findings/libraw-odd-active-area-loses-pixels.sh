#!/usr/bin/env bash
# LibRaw loses a row and a column of DNG files whose active area begins at an odd position.
#
# Guess: ActiveArea (1, 1, 63, 95) gives 62x94 visible pixels, from raw row 1 and column 1 on.
# What happens: 61x93 pixels from row 2 and column 2 on: origins are rounded up to even numbers, ends are kept. An
#   even active area is exact. Colours stay right.
# Versions: rawpy 0.28.0 (LibRaw 0.22.2)
# Why it matters: Pairs of raw and rendered pictures (or of two exposures with different crops) are one pixel apart,
#   the error that raw super-resolution training is most sensitive to.
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
raw = (np.arange(64)[:, None] * 128 + np.arange(96)).astype("<u2")  # each pixel tells its row and column
for area in ((2, 2, 62, 94), (1, 1, 63, 95), (1, 0, 64, 96), (0, 1, 64, 96)):
    dng("a.dng", raw, "50829 4 {} {} {} {}".format(*area))
    with rawpy.imread("a.dng") as picture:
        visible = picture.raw_image_visible.copy()
    first = divmod(int(visible[0, 0]), 128)
    seen = visible.shape, first
    right = (area[2] - area[0], area[3] - area[1]), area[:2]
    top, left = (area[0] + 1) // 2 * 2, (area[1] + 1) // 2 * 2
    show(
        f"ActiveArea {area}: size, first row and column",
        right,
        seen,
        seen == ((area[2] - top, area[3] - left), (top, left)),
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
