#!/usr/bin/env bash
# Pillow's bicubic enlargement of 8-bit pictures clips between its two passes: up to 20 grey levels from the true
# value.
#
# Guess: resize of mode L equals resize of mode F, clipped and rounded at the end: at most 0.5 grey levels apart.
# What happens: The horizontal pass is rounded and clipped to 0..255 before the vertical pass reads it. On a
#   checkerboard of 2x2 pixels three quarters of the pixels are more than one level off, by up to 20. Reducing is
#   within 1.
# Versions: Pillow 13.0.0
# Why it matters: Bicubic is the baseline of every super-resolution table, and Pillow's 8-bit mode is a common way
#   to make it. Compute it in float (mode F) and clip once.
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
n = np.arange(64)
pictures = {
    "diagonal stripes": (np.add.outer(n, n) // 2 % 2 * 255).astype(np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8),
}
for name, picture in pictures.items():
    for size, limit in ((128, 10), (192, 10), (32, None)):
        byte = np.array(Image.fromarray(picture).resize((size, size), Image.BICUBIC)).astype(float)
        real = np.array(Image.fromarray(picture.astype(np.float32)).resize((size, size), Image.BICUBIC)).clip(0, 255)
        worst, share = np.abs(byte - real).max(), (np.abs(byte - real) > 1).mean()
        show(
            f"{name}, 64 to {size}, largest difference and share above 1",
            "0.5, 0 %",
            f"{worst:.2f}, {share:.1%}",
            worst > limit if limit else worst < 1,
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
