#!/usr/bin/env bash
# FFmpeg converts yuv420p to RGB with chroma blocks of 2x2 although its scaler's default is bicubic.
#
# Guess: scale has flags=bicubic by default, so chroma is interpolated on the way to rgb24; full_chroma_int or
#   accurate_rnd at least turn it on.
# What happens: Without a change of size chroma is repeated. Each flag alone changes nothing of that; only
#   full_chroma_int and accurate_rnd together interpolate, and so does a detour by yuv444p.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: Every "ffmpeg -i in.mp4 frames/%d.png" makes low-resolution training pairs with blocky colour, and
#   a super-resolution network sharpens the blocks.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs ffmpeg 7:5.1.
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

y = np.full((8, 16), 128, np.uint8)
u = np.full((4, 8), 128, np.uint8)
v = u.copy()
v[:, 4:] = 200  # one vertical colour edge
data = y.tobytes() + u.tobytes() + v.tobytes()

def red(version, *options):
    return np.frombuffer(convert(version, data, 16, 8, "yuv420p", "rgb24", *options), np.uint8).reshape(8, 16, 3)[
        3, :, 0
    ]

for version in ffmpeg:
    for flags in ("bicubic", "bicubic+full_chroma_int", "bicubic+accurate_rnd"):
        row = red(version, "-vf", "scale=flags=" + flags)
        show(
            f"{version}, {flags}",
            "values between the two sides at the edge",
            row.tolist(),
            len(set(row.tolist())) == 2,
        )
    for filters in ("scale=flags=bicubic+full_chroma_int+accurate_rnd", "format=yuv444p"):
        row = red(version, "-vf", filters)
        show(f"{version}, {filters}", "values between", row.tolist(), len(set(row.tolist())) > 4)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
