#!/usr/bin/env bash
# Pillow's rotate and transform of 16-bit pictures return values of 0 to 255 that have nothing to do with the input.
#
# Guess: A constant picture of mode I;16 stays constant inside after rotate(10) or an affine transform by bicubic or
#   bilinear, as resize and modes I and F do.
# What happens: A flat 40000 becomes values from about 50 to 170: the bytes are interpolated as 8-bit pixels. With
#   the nearest neighbour it is right. No error is raised.
# Versions: Pillow 13.0.0
# Why it matters: Augmentation (small rotations, sub-pixel shifts) of 16-bit training pictures or depth maps by
#   Pillow destroys them; mode I or F is safe.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 pillow==13.0.0
venv/bin/python - <<'EOF'
import sys
import numpy as np
import PIL
from PIL import Image

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("Pillow", PIL.__version__)
flat = np.full((32, 32), 40000, np.uint16)
half = (0.5, 0, 0, 0, 0.5, 0)  # enlarge by 2
uses = {
    "rotate(10)": lambda im, how: im.rotate(10, how),
    "transform(AFFINE)": lambda im, how: im.transform((64, 64), Image.AFFINE, half, how),
}
for name, use in uses.items():
    for how in (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR):
        inside = np.array(use(Image.fromarray(flat), how))[12:20, 12:20]
        show(
            f"I;16, {name}, {how.name}, range inside",
            "40000 to 40000",
            f"{inside.min()} to {inside.max()}",
            inside.max() < 256,
        )
    inside = np.array(use(Image.fromarray(flat), Image.NEAREST))[12:20, 12:20]
    show(
        f"I;16, {name}, NEAREST",
        "40000 to 40000",
        f"{inside.min()} to {inside.max()}",
        set(inside.ravel().tolist()) == {40000},
    )
    inside = np.array(use(Image.fromarray(flat.astype(np.int32)), Image.BICUBIC))[12:20, 12:20]
    show(
        f"I, {name}, BICUBIC",
        "40000 to 40000",
        f"{inside.min()} to {inside.max()}",
        set(inside.ravel().tolist()) == {40000},
    )
inside = np.array(Image.fromarray(flat).resize((64, 64), Image.BICUBIC))
show("I;16, resize, BICUBIC", "40000", f"{inside.min()} to {inside.max()}", set(inside.ravel().tolist()) == {40000})
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
