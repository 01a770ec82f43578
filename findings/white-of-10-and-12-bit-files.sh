#!/usr/bin/env bash
# Six readers of 10- and 12-bit images return five different numbers for white.
#
# Guess: A 16-bit array from a 10- or 12-bit file holds either the codes of the file or values scaled to 65535, and
#   one tool does the same for each format.
# What happens: AVIF 10 bits: OpenCV and imagecodecs 1023, libvips 65472 (shifted), FFmpeg 65535. TIFF 12 bits:
#   tifffile and Pillow 4095, OpenCV 65520, FFmpeg 65535. PGM maxval 1023: OpenCV 1023, Pillow and FFmpeg 65535.
#   OpenCV alone uses three rules.
# Versions: opencv-python-headless 5.0.0.93, imagecodecs and tifffile 2026.3, pyvips-binary 8.18.7, Pillow 13.0.0,
#   FFmpeg 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: A loader of "16-bit" images that divides by 65535 gets 0.0156, 0.999 or 1.0 for the same white; a
#   float network makes a black picture of the first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 imageio-ffmpeg==0.8.1 \
    opencv-python-headless==5.0.0.93 imagecodecs==2026.3.6 tifffile==2026.3.3 pyvips==3.2.0 pyvips-binary==8.18.7 \
    pillow==13.0.0
venv/bin/python - <<'EOF'
import struct, subprocess, sys
import cv2, imagecodecs, imageio_ffmpeg, numpy as np, pyvips, tifffile
from PIL import Image

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("OpenCV", cv2.__version__, "libvips", pyvips.version(0), pyvips.version(1), "Pillow", Image.__version__)

def avif(path):
    picture = np.full((64, 64, 3), 1023, np.uint16)
    open(path, "wb").write(imagecodecs.avif_encode(picture, level=100, bitspersample=10, pixelformat="444"))

def tiff(path):  # 16x4 pixels of 12 bits, packed, white
    data = b"\xff" * (16 * 4 * 12 // 8)
    tags = [
        (256, 3, 16),
        (257, 3, 4),
        (258, 3, 12),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 3, 4),
        (279, 4, len(data)),
    ]
    body = b"".join(
        struct.pack("<HHI", t, kind, 1) + struct.pack("<I" if kind == 4 else "<Hxx", value) for t, kind, value in tags
    )
    open(path, "wb").write(
        b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + body + bytes(4)
    )

def pgm(path):
    open(path, "wb").write(b"P5\n4 4\n1023\n" + np.full(16, 1023, ">u2").tobytes())

def ffmpeg(path):
    target = "rgb48le" if path.endswith("avif") else "gray16le"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", target, "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<u2")

readers = {
    "OpenCV": lambda p: cv2.imread(p, cv2.IMREAD_UNCHANGED),
    "libvips": lambda p: pyvips.Image.new_from_file(p).numpy(),
    "Pillow": lambda p: np.array(Image.open(p)),
    "FFmpeg": ffmpeg,
    "tifffile": tifffile.imread,
    "imagecodecs": lambda p: imagecodecs.avif_decode(open(p, "rb").read()),
}
stated = {
    "avif": {"OpenCV": 1023, "imagecodecs": 1023, "libvips": 65472, "FFmpeg": 65535},
    "tiff": {"tifffile": 4095, "Pillow": 4095, "OpenCV": 65520, "FFmpeg": 65535},
    "pgm": {"OpenCV": 1023, "Pillow": 65535, "FFmpeg": 65535},
}
for make in (avif, tiff, pgm):
    path = "white." + make.__name__
    make(path)
    seen = {name: int(readers[name](path).max()) for name in stated[make.__name__]}
    show(f"white of {path}", "one number", seen, seen == stated[make.__name__])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
