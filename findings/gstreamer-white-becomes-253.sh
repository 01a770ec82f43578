#!/usr/bin/env bash
# GStreamer turns limited-range white of I420 into 253, and errs by up to 5 levels elsewhere.
#
# Guess: videoconvert of I420 or NV12 to RGB gives white 255 for Y = 235 and is within one or two levels of BT.601.
# What happens: Y 235 gives 253, 128 gives 128 (130 is right), pure green 250; the largest error over all luma
#   values and some colours is 3 to 6 levels. FFmpeg 9.0 gives 255 and 130. By way of AYUV64 GStreamer is right.
# Versions: GStreamer 1.22.0 (Debian 12)
# Why it matters: A filter element that takes RGB never sees white, and a comparison of a GStreamer element with a
#   file-based run of the same network shows 1 % contrast that is not the network's.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs gstreamer1.0-plugins-base 1.22.
needs gstreamer1.0-tools 1.22.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6
venv/bin/python - <<'EOF'
import subprocess, sys
import numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

def rgb(y, u, v, middle="videoconvert"):
    data = np.tile(y.astype(np.uint8), 16).tobytes() + bytes([u]) * 1024 + bytes([v]) * 1024  # 256x16
    open("in.raw", "wb").write(data)
    reader = f"filesrc location=in.raw blocksize={len(data)} ! rawvideoparse format=i420 width=256 height=16"
    writer = "video/x-raw,format=RGB ! filesink location=out.raw"
    subprocess.run(f"gst-launch-1.0 -q {reader} colorimetry=bt601 ! {middle} ! {writer}", shell=True, check=True)
    return np.fromfile("out.raw", np.uint8).reshape(16, 256, 3)[7]

def exact(y, u, v):
    luma, scale = (y - 16) * 255 / 219, 255 / 224
    r, b = luma + 1.402 * scale * (v - 128), luma + 1.772 * scale * (u - 128)
    g = luma - (0.344136 * (u - 128) + 0.714136 * (v - 128)) * scale
    return np.stack([r, g, b], -1).clip(0, 255)

y = np.arange(256)
gray, fine = rgb(y, 128, 128), rgb(y, 128, 128, "videoconvert ! video/x-raw,format=AYUV64 ! videoconvert")
show("Y 235", [255, 255, 255], gray[235].tolist(), gray[235].tolist() == [253, 253, 253])
show("Y 128", [130, 130, 130], gray[128].tolist(), gray[128].tolist() == [128, 128, 128])
show("Y 235 by AYUV64", [255, 255, 255], fine[235].tolist(), fine[235].min() >= 254)
worst = max(
    float(np.abs(rgb(y, u, v) - exact(y, u, v)).max())
    for u, v in ((128, 128), (90, 200), (16, 240), (240, 16), (60, 60))
)
show("largest error over all Y, five colours", "1 to 2", round(worst, 1), worst > 3)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
