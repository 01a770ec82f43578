#!/usr/bin/env bash
# ncnn.Mat of a NumPy view that is not contiguous holds permuted numbers.
#
# Guess: ncnn.Mat(array) honours strides, copies or raises, as from DLPack or other bindings.
# What happens: Shape is taken from the view and data from the start of its memory, in order: a picture transposed
#   from HWC to CHW has the right shape and wrong pixels. Mat.from_pixels of a crop does the same. No error.
# Versions: ncnn 1.0.20261020, numpy 2.4.6
# Why it matters: image.transpose(2, 0, 1) is the first line of most inference scripts; the network then sees three
#   interleaved stripes and returns a plausible gray mess. np.ascontiguousarray first.
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
image = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
planes = image.transpose(2, 0, 1)
seen = np.array(ncnn.Mat(planes))
show("shape of the transposed picture", planes.shape, seen.shape, seen.shape == planes.shape)
show(
    "first plane of the transposed picture",
    planes[0].tolist(),
    seen[0].tolist(),
    np.array_equal(seen.ravel(), image.ravel()),
)
seen = np.array(ncnn.Mat(np.ascontiguousarray(planes)))
show("the same after ascontiguousarray is right", True, np.array_equal(seen, planes), np.array_equal(seen, planes))
picture = np.arange(4 * 8 * 3, dtype=np.uint8).reshape(4, 8, 3)
crop = picture[:, :4]
seen = np.array(ncnn.Mat.from_pixels(crop, ncnn.Mat.PixelType.PIXEL_RGB, 4, 4))
show(
    "from_pixels of a crop, second row, red",
    crop[1, :, 0].tolist(),
    seen[0, 1].astype(int).tolist(),
    not np.array_equal(seen, crop.transpose(2, 0, 1)),
)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
