#!/usr/bin/env bash
# GStreamer changes samples and colours when a frame without colorimetry crosses 576 lines: its matrix goes by height.
#
# Guess: A frame of one colour stays that colour when it is scaled or cropped, and caps that name no colorimetry mean
#   the same before and after.
# What happens: Without colorimetry (raw files, videotestsrc) up to 576 lines are BT.601 and more are BT.709, each
#   element by itself. videoscale from 300 to 600 lines converts Y 81, U 90, V 240 to 61, 102, 240; twice the width
#   alone keeps them. videocrop across 576 lines keeps the samples and so changes their colour, pure red instead of
#   255, 21, 0. With colorimetry in the caps neither happens; videobox converts to the default of its own height even
#   then.
# Versions: GStreamer 1.22.0 (Debian 12)
# Why it matters: An enlargement of SD video to HD, the very use of super-resolution, hits it. A plugin or a test that
#   compares samples with videoscale's is 20 levels off, and one that leaves colorimetry out changes colours.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs gstreamer1.0-plugins-base 1.22.
needs gstreamer1.0-plugins-good 1.22.
needs gstreamer1.0-plugins-bad 1.22.
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

COLOUR = [81, 90, 240]  # pure red in BT.601, limited range

def gstreamer(size, elements, target, colorimetry=None):
    """A frame of COLOUR, I420 of size[0] x size[1], through `elements`: the bytes of its last form `target`."""
    pixels = size[0] * size[1]
    open("in.raw", "wb").write(b"".join(bytes([c]) * n for c, n in zip(COLOUR, (pixels, pixels // 4, pixels // 4))))
    parts = [f"filesrc location=in.raw blocksize={pixels * 3 // 2}"]
    parts += [f"rawvideoparse format=i420 width={size[0]} height={size[1]}"]
    parts += [f"capssetter caps=video/x-raw,colorimetry={colorimetry}"] if colorimetry else []
    parts += elements + ["videoconvert", f"capsfilter caps=video/x-raw,format={target}", "filesink location=out.raw"]
    subprocess.run("gst-launch-1.0 -q " + " ! ".join(parts), shell=True, check=True)
    return np.fromfile("out.raw", np.uint8)

def samples(size, elements, out, colorimetry=None):
    """Y, U and V of the only colour in the frame of out[0] x out[1]."""
    frame = gstreamer(size, elements, "I420", colorimetry)
    pixels = out[0] * out[1]
    assert frame.size == pixels * 3 // 2
    planes = frame[:pixels], frame[pixels : pixels * 5 // 4], frame[pixels * 5 // 4 :]
    assert all(p.min() == p.max() for p in planes)
    return [int(p[0]) for p in planes]

def rgb(size, elements, colorimetry=None):
    return gstreamer(size, elements, "RGB", colorimetry)[:3].tolist()

def scale(width, height):
    return ["videoscale", f"capsfilter caps=video/x-raw,width={width},height={height}"]

for elements, size, out, stated in (
    (scale(800, 300), (400, 300), (800, 300), COLOUR),
    (scale(800, 600), (400, 300), (800, 600), [61, 102, 240]),
    (scale(400, 300), (800, 600), (400, 300), [98, 78, 240]),
    (["videobox bottom=300 right=400"], (800, 600), (400, 300), [98, 78, 240]),
    (["videocrop bottom=300 right=400"], (800, 600), (400, 300), COLOUR),
):
    name = f"{elements[0].split()[0]}, {size[0]}x{size[1]} to {out[0]}x{out[1]}"
    seen = samples(size, elements, out)
    show(f"{name}, samples", COLOUR, seen, seen == stated)
    for tag in ("bt601", "bt709"):
        seen = samples(size, elements, out, tag)
        converts = tag == "bt709" and "videobox" in name
        show(f"{name}, samples with colorimetry={tag}", COLOUR, seen, seen == (stated if converts else COLOUR))
for height, stated in ((576, [253, 0, 0]), (578, [255, 21, 0])):
    seen = rgb((400, height), [])
    show(f"RGB of the same samples, {height} lines", [253, 0, 0], seen, seen == stated)
uncropped, cropped = rgb((800, 600), []), rgb((800, 600), ["videocrop bottom=300 right=400"])
show(
    "RGB before and after videocrop, 600 to 300 lines",
    [uncropped, uncropped],
    [uncropped, cropped],
    [uncropped, cropped] == [[255, 21, 0], [253, 0, 0]],
)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
