#!/usr/bin/env bash
# FFmpeg's change of the colour matrix cuts the head-room of limited range; without a change it is kept.
#
# Guess: Limited-range video may hold luma 236 to 254 (head-room). A grey of 250 has no colour, so changing BT.601
#   to BT.709 leaves it 250.
# What happens: scale gives 235 (or 234) since it goes through clipped RGB, colorspace gives 243, zscale 250; scale
#   with equal matrices 250.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: An SD clip enlarged to HD changes its matrix. Highlights of camera footage, which live in the
#   head-room, are lost in that step and not in the enlarging.
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

data = bytes([250]) * 256 + bytes([128]) * 128

def luma(version, filters):
    return sorted(set(convert(version, data, 16, 16, "yuv420p", "yuv420p", "-vf", filters)[:256]))

for version in ffmpeg:
    seen = luma(version, "scale=in_color_matrix=bt601:out_color_matrix=bt709")
    show(f"{version}, scale 601 to 709", [250], seen, max(seen) <= 235)
    seen = luma(version, "scale=in_color_matrix=bt709:out_color_matrix=bt709")
    show(f"{version}, scale 709 to 709", [250], seen, seen == [250])
    seen = luma(version, "colorspace=iall=bt601-6-625:all=bt709")
    show(f"{version}, colorspace 601 to 709", [250], seen, 235 < max(seen) < 249)
    seen = luma(version, "zscale=min=170m:m=709")
    show(f"{version}, zscale 601 to 709", [250], seen, seen == [250])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
