#!/usr/bin/env bash
# OpenCV and Pillow invert WhiteIsZero TIFF files of 8 bits and not those of 16.
#
# Guess: PhotometricInterpretation 0 (WhiteIsZero) means that 0 is white at every depth; a reader that inverts does
#   so always.
# What happens: 8 bits: OpenCV, Pillow, libvips and FFmpeg invert. 16 bits: libvips and FFmpeg invert, OpenCV and
#   Pillow return the negative.
# Versions: opencv-python-headless 5.0.0.93, Pillow 13.0.0, pyvips-binary 8.18.7, FFmpeg 9.0.2 (imageio-ffmpeg
#   0.8.1), tifffile 2026.3.3
# Why it matters: Scanners and X-ray systems write WhiteIsZero. A negative is enlarged without complaint, and a
#   network trained on positives does worse on it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 imageio-ffmpeg==0.8.1 \
    opencv-python-headless==5.0.0.93 tifffile==2026.3.3 pillow==13.0.0 pyvips==3.2.0 pyvips-binary==8.18.7
venv/bin/python - <<'EOF'
import subprocess, sys
import cv2, imageio_ffmpeg, numpy as np, pyvips, tifffile
from PIL import Image

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("OpenCV", cv2.__version__, "Pillow", Image.__version__, "libvips", pyvips.version(0), pyvips.version(1))
for bits, kind, dark in ((8, np.uint8, 10), (16, np.uint16, 1000)):
    top, path = (1 << bits) - 1, f"white{bits}.tif"
    tifffile.imwrite(path, np.array([[0, dark, top]], kind), photometric="miniswhite")
    raw = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-f", "rawvideo", "-"],
        capture_output=True,
        check=True,
    ).stdout
    seen = {
        "OpenCV": cv2.imread(path, cv2.IMREAD_UNCHANGED),
        "Pillow": np.array(Image.open(path)),
        "libvips": pyvips.Image.new_from_file(path).numpy(),
        "FFmpeg": np.frombuffer(raw, kind),
    }
    right, stored = [top, top - dark, 0], [0, dark, top]
    for name, picture in seen.items():
        row = picture.ravel().tolist()
        negative = bits == 16 and name in ("OpenCV", "Pillow")
        show(f"{bits} bits, stored {stored}, {name}", right, row, row == (stored if negative else right))
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
