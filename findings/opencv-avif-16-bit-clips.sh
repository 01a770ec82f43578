#!/usr/bin/env bash
# OpenCV's imwrite clips 16-bit pictures at 1023 when it writes AVIF.
#
# Guess: A uint16 picture is scaled from 65535 to the 10 bits of the file, as PNG keeps it.
# What happens: Values are taken for codes and clipped: every pixel above 1.6 % of full scale is white, imwrite
#   returns True. With IMWRITE_AVIF_DEPTH 12 the limit is 4095.
# Versions: opencv-python-headless 5.0.0.93
# Why it matters: A 16-bit result of an upscaler saved as AVIF is a white picture with specks; the same call with
#   .png is right.
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
ramp = np.linspace(0, 65535, 64).astype(np.uint16)[None, :, None].repeat(64, 0).repeat(3, 2)
assert cv2.imwrite("a.png", ramp) and (cv2.imread("a.png", cv2.IMREAD_UNCHANGED) == ramp).all()
for depth in (10, 12):
    top = (1 << depth) - 1
    ok = cv2.imwrite("a.avif", ramp, [cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 100])
    row = cv2.imread("a.avif", cv2.IMREAD_UNCHANGED)[32, :, 1].astype(int)
    white = float((row == top).mean())
    show(
        f"{depth} bits, imwrite returns {ok}, columns that are white",
        "1 of 64",
        f"{white * 64:.0f} of 64",
        ok and white > 0.9,
    )
codes = (ramp.astype(int) * 1023 // 65535).astype(np.uint16)
cv2.imwrite("b.avif", codes, [cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_QUALITY, 100])
worst = int(np.abs(cv2.imread("b.avif", cv2.IMREAD_UNCHANGED).astype(int) - codes).max())
show("codes 0..1023 written as uint16, largest error", "dark picture", worst, worst <= 2)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
