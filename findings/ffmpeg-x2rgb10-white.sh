#!/usr/bin/env bash
# White in 10-bit packed RGB: 1014 by FFmpeg 5.1, 1022 by 9.0, 1023 by GStreamer.
#
# Guess: 8-bit RGB 255 becomes 1023 in x2rgb10, and going back gives the 8-bit picture.
# What happens: 5.1 writes 1014 and returns 253 for it; 9.0 writes 1022 and returns 255, but about half of random
#   samples come back changed (nearly all in 5.1). GStreamer 1.22 writes 1023.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1), GStreamer 1.22.0
# Why it matters: RGB10A2 is the 10-bit format of displays and of many cameras' previews. It cannot hold a lossless
#   copy of 8-bit pictures in FFmpeg, and three tools give three whites.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs ffmpeg 7:5.1.
needs gstreamer1.0-plugins-base 1.22.
needs gstreamer1.0-tools 1.22.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 imageio-ffmpeg==0.8.1
venv/bin/python - <<'EOF'
import subprocess, sys
import imageio_ffmpeg, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

ffmpeg = {}
for path in ("/usr/bin/ffmpeg", imageio_ffmpeg.get_ffmpeg_exe()):
    first = subprocess.run([path, "-version"], capture_output=True, text=True).stdout.split()
    ffmpeg[first[2].lstrip("n").split("-")[0]] = path
print("FFmpeg", *ffmpeg)
old, new = ffmpeg

def convert(version, data, width, height, source, target, *options):
    """Raw frames in and out of one FFmpeg, pixel format `source` to `target`."""
    return subprocess.run(
        [
            ffmpeg[version],
            "-v",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            source,
            "-s",
            f"{width}x{height}",
            "-i",
            "-",
            *options,
            "-pix_fmt",
            target,
            "-f",
            "rawvideo",
            "-",
        ],
        input=data,
        capture_output=True,
        check=True,
    ).stdout

white = bytes([255]) * (16 * 16 * 3)
noise = np.random.default_rng(0).integers(0, 256, 16 * 16 * 3).astype(np.uint8)
for version, stated, least in ((old, 1014, 0.9), (new, 1022, 0.3)):
    words = convert(version, white, 16, 16, "rgb24", "x2rgb10le")
    seen = int(np.frombuffer(words, "<u4")[0]) & 1023
    show(f"{version}, white as x2rgb10", 1023, seen, seen == stated)
    back = convert(version, words, 16, 16, "x2rgb10le", "rgb24")[0]
    show(f"{version}, white back as rgb24", 255, back, back == (253 if version == old else 255))
    there = convert(version, noise.tobytes(), 16, 16, "rgb24", "x2rgb10le")
    lost = float((np.frombuffer(convert(version, there, 16, 16, "x2rgb10le", "rgb24"), np.uint8) != noise).mean())
    show(f"{version}, samples changed by a round trip", 0, round(lost, 2), lost > least)
open("in.raw", "wb").write(white)
reader = f"filesrc location=in.raw blocksize={len(white)} ! rawvideoparse format=rgb width=16 height=16"
writer = "video/x-raw,format=RGB10A2_LE ! filesink location=out.raw"
subprocess.run(f"gst-launch-1.0 -q {reader} ! videoconvert ! {writer}", shell=True, check=True)
seen = int(np.fromfile("out.raw", "<u4")[0]) & 1023
show("GStreamer, white as RGB10A2_LE", 1023, seen, seen == 1023)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
