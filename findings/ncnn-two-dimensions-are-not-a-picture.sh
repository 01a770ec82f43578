#!/usr/bin/env bash
# ncnn resizes only the width of a two-dimensional Mat.
#
# Guess: resize_bicubic(mat, 64, 64) of a 32x32 gray picture returns 64x64.
# What happens: For a Mat of two dimensions the second is taken for channels: the result is 64 wide and 32 high, and
#   rows are not filtered. With one channel as third dimension (1, 32, 32) it is 64x64. The same for bilinear and
#   nearest.
# Versions: ncnn 1.0.20261020, numpy 2.4.6
# Why it matters: A luma plane is naturally a two-dimensional array. The result has the wrong height, or after a
#   reshape the wrong picture.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 ncnn==1.0.20261020
venv/bin/python - <<'EOF'
import sys
import ncnn, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("ncnn", ncnn.__version__)
gray = np.arange(32 * 32, dtype=np.float32).reshape(32, 32)
for name in ("resize_bicubic", "resize_bilinear", "resize_nearest"):
    for picture in (gray, gray[None]):
        source, target = ncnn.Mat(picture), ncnn.Mat()
        getattr(ncnn, name)(source, target, 64, 48)
        seen = np.array(target).shape
        show(
            f"{name} of {picture.shape} to width 64, height 48",
            (48, 64),
            seen,
            seen == ((32, 64) if picture.ndim == 2 else (1, 48, 64)),
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
