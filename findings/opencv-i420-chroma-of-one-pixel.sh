#!/usr/bin/env bash
# OpenCV's RGB to I420 takes the chroma of one pixel in four; its RGB to UYVY averages.
#
# Guess: COLOR_RGB2YUV_I420 averages the chroma of each 2x2 block, or filters it.
# What happens: U and V are those of the top-left pixel of each block, for I420, IYUV and YV12. COLOR_RGB2YUV_UYVY
#   and YUY2 average the two pixels of a pair.
# Versions: opencv-python-headless 5.0.0.93
# Why it matters: Frames made from RGB by OpenCV for a test or for training have aliased chroma, sited at the
#   top-left pixel and not between the rows, where every reader of 4:2:0 looks for it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93
venv/bin/python - <<'EOF'
import sys
import cv2, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("OpenCV", cv2.__version__)
rgb = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
u = 128 + (rgb @ [-37.797, -74.203, 112.0]) / 255  # BT.601, limited range, at full size
blocks = u.reshape(32, 2, 32, 2)

def worst(a, b):
    return round(float(np.abs(a.astype(float) - b).max()), 2)

for name, first in (("I420", 64), ("IYUV", 64), ("YV12", 80)):
    seen = cv2.cvtColor(rgb, getattr(cv2, "COLOR_RGB2YUV_" + name))[first : first + 16].reshape(32, 32)
    errors = worst(seen, blocks.mean((1, 3))), worst(seen, blocks[:, 0, :, 0])
    show(
        f"{name}, U from the mean of 2x2, from the top-left pixel",
        "below 1, large",
        errors,
        errors[0] > 50 and errors[1] < 1,
    )
for name, place in (("UYVY", 0), ("YUY2", 1)):
    seen = cv2.cvtColor(rgb, getattr(cv2, "COLOR_RGB2YUV_" + name)).reshape(64, 64, 2)[:, ::2, place]
    errors = worst(seen, u.reshape(64, 32, 2).mean(2)), worst(seen, u[:, ::2])
    show(f"{name}, U from the mean of two, from the left pixel", "below 1, large", errors, errors[0] < 1 < errors[1])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
