#!/usr/bin/env bash
# OpenCV multiplies the colours of 8-bit TIFF files with alpha, of 16-bit ones not.
#
# Guess: imread(IMREAD_UNCHANGED) of a file whose ExtraSamples says unassociated alpha returns the stored colours,
#   as for PNG, for 8 and 16 bits alike.
# What happens: 8 bits: colours come back multiplied by alpha (100 with alpha 128 becomes 50). 16 bits: as stored.
#   Pillow returns the stored colours. With associated alpha OpenCV returns what is stored, Pillow and libvips
#   divide.
# Versions: opencv-python-headless 5.0.0.93, Pillow 13.0.0, pyvips-binary 8.18.7, tifffile 2026.3.3
# Why it matters: Colours under thin alpha lose bits and edges get dark fringes after enlarging; the same picture at
#   16 bits behaves otherwise, so a loader must ask for the depth before it knows what alpha means.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93 \
    tifffile==2026.3.3 pillow==13.0.0 pyvips==3.2.0 pyvips-binary==8.18.7
venv/bin/python - <<'EOF'
import sys
import cv2, numpy as np, pyvips, tifffile
from PIL import Image

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("OpenCV", cv2.__version__, "Pillow", Image.__version__, "libvips", pyvips.version(0), pyvips.version(1))
for bits, kind, scale in ((8, np.uint8, 1), (16, np.uint16, 257)):
    for alpha in ("unassalpha", "assocalpha"):
        path = f"{alpha}{bits}.tif"
        picture = np.full((4, 4, 4), [100, 50, 25, 128], kind) * kind(scale)
        tifffile.imwrite(path, picture, photometric="rgb", extrasamples=[alpha])
        show_as = lambda pixel: [round(float(v) / scale) for v in pixel]
        opencv = show_as(cv2.imread(path, cv2.IMREAD_UNCHANGED)[0, 0, [2, 1, 0, 3]])
        vips = show_as(pyvips.Image.new_from_file(path).numpy()[0, 0])
        stored, halved = [100, 50, 25, 128], [50, 25, 13, 128]
        if alpha == "unassalpha":
            show(f"{path} by OpenCV", stored, opencv, opencv == (halved if bits == 8 else stored))
            show(f"{path} by libvips", stored, vips, vips == stored)
        else:
            show(f"{path} by OpenCV", "stored or divided by alpha", opencv, opencv == stored)
            show(f"{path} by libvips", "stored or divided by alpha", vips, vips[0] in (199, 200))
    if bits == 8:
        for alpha, want in (("unassalpha", 100), ("assocalpha", 199)):
            seen = int(np.array(Image.open(f"{alpha}8.tif").convert("RGBA"))[0, 0, 0])
            show(f"{alpha}8.tif by Pillow, red", want, seen, seen == want)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
