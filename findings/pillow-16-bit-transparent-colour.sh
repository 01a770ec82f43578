#!/usr/bin/env bash
# Pillow makes the wrong pixels transparent in 16-bit RGB PNG files with a transparent colour.
#
# Guess: tRNS of a 16-bit RGB PNG names one colour of 16 bits; its pixels are transparent after convert("RGBA"),
#   others are not.
# What happens: Pillow keeps 8 bits of the pixels and the low byte of the colour: the named colour stays opaque, and
#   other colours whose high byte equals that low byte become transparent. OpenCV, libvips, imagecodecs and FFmpeg
#   do it right.
# Versions: Pillow 13.0.0, opencv-python-headless 5.0.0.93
# Why it matters: Alpha decides what an upscaler blends and how it fills edges; holes appear in opaque parts of a
#   picture, and only in Pillow.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 \
    opencv-python-headless==5.0.0.93
venv/bin/python - <<'EOF'
import struct, sys, zlib
import cv2, numpy as np
from PIL import Image

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("Pillow", Image.__version__, "OpenCV", cv2.__version__)

def png(row, transparent):
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    pixels = np.repeat(np.array(row, ">u2"), 3).tobytes()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", len(row), 1, 16, 2, 0, 0, 0))
        + chunk(b"tRNS", struct.pack(">HHH", *[transparent] * 3))
        + chunk(b"IDAT", zlib.compress(b"\0" + pixels))
        + chunk(b"IEND", b"")
    )

for row, transparent, pillow in (
    ([0x1234, 0x1200, 0x0034], 0x1234, [255, 255, 255]),
    ([0x0012, 0x1234, 0x12FF, 0x3400], 0x0012, [255, 0, 0, 255]),
):
    open("t.png", "wb").write(png(row, transparent))
    right = [0 if value == transparent else 255 for value in row]
    seen = np.array(Image.open("t.png").convert("RGBA"))[0, :, 3].tolist()
    show(f"alpha of {[hex(v) for v in row]}, transparent {hex(transparent)}, Pillow", right, seen, seen == pillow)
    seen = (cv2.imread("t.png", cv2.IMREAD_UNCHANGED)[0, :, 3] >> 8).tolist()
    show("the same, OpenCV", right, seen, seen == right)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
