#!/usr/bin/env bash
# colour-science wraps values outside 0 to 1 around when it writes 8- and 16-bit pictures.
#
# Guess: write_image(..., bit_depth="uint8") clips, so that 1.2 is white and -0.1 black.
# What happens: convert_bit_depth multiplies, rounds and casts: 1.2 becomes 50, -0.1 becomes 230 (8 bits), 1.2
#   becomes 13107 (16 bits). Reducing uint16 to uint8 truncates (65534 to 254).
# Versions: colour-science 0.4.7, imageio 2.38.1, numpy 2.4.6
# Why it matters: Over- and undershoot at edges, normal for upscalers, become dots of the opposite colour in the
#   saved picture, while the array is right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 colour-science==0.4.7 imageio==2.38.1
venv/bin/python - <<'EOF'
import sys, warnings
import numpy as np

warnings.simplefilter("ignore")
import colour, imageio.v3 as iio

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("colour-science", colour.__version__)
values = np.array([1.2, -0.1, 0.5])
colour.write_image(np.full((4, 4, 3), values), "out.png", bit_depth="uint8", method="Imageio")
seen = iio.imread("out.png")[0, 0].tolist()
show(f"{values.tolist()} written with 8 bits", [255, 0, 128], seen, seen == [50, 230, 128])
seen = colour.io.convert_bit_depth(values, "uint16").tolist()
show(f"{values.tolist()} to uint16", [65535, 0, 32768], seen, seen[0] < 20000 and seen[1] > 50000)
seen = colour.io.convert_bit_depth(np.array([65534, 65535], np.uint16), "uint8").tolist()
show("uint16 [65534, 65535] to uint8", [255, 255], seen, seen == [254, 255])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
