#!/usr/bin/env bash
# imageio's two video plugins write uint16 and float pictures differently: one scales them, one cuts off their low
# bytes.
#
# Guess: Writing uint16 or float frames to 8-bit video scales them, or is refused; two plugins of one library agree.
# What happens: FFMPEG (imageio-ffmpeg) scales: 65535 and 1.0 become 255. pyav casts: uint16 is taken modulo 256
#   (16643 becomes 3), float 0..1 becomes 0 and 1. FFMPEG warns of lost bits, pyav says nothing.
# Versions: imageio 2.38.1, av 18.1.0, imageio-ffmpeg 0.8.1
# Why it matters: Upscaled frames are float or uint16. With pyav, chosen for its speed, the clip is noise or black.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 imageio==2.38.1 av==18.1.0 \
    imageio-ffmpeg==0.8.1 pillow==13.0.0
venv/bin/python - <<'EOF'
import sys
import av, imageio, imageio.v3 as iio, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("imageio", imageio.__version__, "av", av.__version__)
columns, levels = [0, 16, 32, 63], np.linspace(0, 1, 64)
right = np.round(levels[columns] * 255).astype(int).tolist()
for kind, top in ((np.uint16, 65535), (np.float32, 1)):
    frames = np.broadcast_to((levels * top).astype(kind)[None, None, :, None], (4, 32, 64, 3)).copy()
    iio.imwrite("a.mkv", frames, plugin="FFMPEG", codec="ffv1", fps=25, pixelformat="bgr0")
    seen = iio.imread("a.mkv", plugin="pyav")[0, 16, columns, 0].tolist()
    show(
        f"{kind.__name__} 0..{top} by FFMPEG, columns {columns}",
        right,
        seen,
        np.abs(np.subtract(seen, right)).max() <= 1,
    )
    iio.imwrite("b.mkv", frames, plugin="pyav", codec="ffv1", fps=25)
    seen = iio.imread("b.mkv", plugin="pyav")[0, 16, columns, 0].tolist()
    stated = (frames[0, 0, columns, 0].astype(int) & 255) if kind is np.uint16 else [0, 0, 0, 1]
    show(f"{kind.__name__} 0..{top} by pyav", right, seen, np.abs(np.subtract(seen, stated)).max() <= 1)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
