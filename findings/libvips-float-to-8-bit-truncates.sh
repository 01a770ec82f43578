#!/usr/bin/env bash
# libvips cuts fractions off when float pictures become 8-bit.
#
# Guess: A float picture saved as PNG, WebP or JPEG is rounded.
# What happens: 254.9 is saved as 254 and 0.6 as 0, by cast("uchar") and by every saver; cast has no option for it.
#   rint() first is right.
# Versions: pyvips 3.2.0, pyvips-binary 8.18.7
# Why it matters: The mean of all pixels falls by half a grey level, 51 dB against the rounded picture: an upscaler
#   that saves its float result this way looks less precise than it is.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 pyvips==3.2.0 pyvips-binary==8.18.7
venv/bin/python - <<'EOF'
import sys
import numpy as np, pyvips

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("libvips", pyvips.version(0), pyvips.version(1), pyvips.version(2))
values = [254.9, 0.6, 127.5, 0.4]
picture = pyvips.Image.new_from_array(np.full((8, 8, 4), values, np.float32)[..., :3].copy()).copy(
    interpretation="srgb"
)
want, cut = [255, 1, 128], [254, 0, 127]

def back(image, suffix):
    return pyvips.Image.new_from_buffer(image.write_to_buffer(suffix), "").numpy()[4, 4].tolist()

seen = picture.cast("uchar").numpy()[4, 4].tolist()
show(f"cast of {values[:3]}", want, seen, seen == cut)
for suffix in (".png", ".webp[lossless]"):
    seen = back(picture, suffix)
    show(f"saved as {suffix}", want, seen, seen == cut)
seen = back(picture.rint(), ".png")
show("rint() before .png", want, seen, abs(seen[2] - 128) <= 0 and seen[:2] == want[:2])
ramp = np.random.default_rng(0).random((256, 256), np.float32) * 255
bias = float((pyvips.Image.new_from_array(ramp).cast("uchar").numpy().astype(float).reshape(256, 256) - ramp).mean())
show("mean error on random values", 0.0, round(bias, 3), -0.52 < bias < -0.48)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
