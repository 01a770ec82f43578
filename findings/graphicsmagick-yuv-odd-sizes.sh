#!/usr/bin/env bash
# GraphicsMagick pads raw 4:2:0 of odd sizes to even sizes and cannot read its own file back; its range is full.
#
# Guess: Raw 4:2:0 of 5x3 has 15 luma samples and twice 3x2 chroma samples (27 bytes), as FFmpeg writes and reads
#   it; white is 235.
# What happens: gm convert writes 36 bytes: the luma plane is 6x4. Read with the same -size it stops with
#   "Unexpected end-of-file", and so does FFmpeg's file. White is 255.
# Versions: graphicsmagick 1.4+really1.3.40 (Debian 12), FFmpeg 5.1.9
# Why it matters: Odd sizes are the case that tests of a raw-video reader need references for; this one is no
#   reference, and nothing in a raw file tells.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs ffmpeg 7:5.1.
needs graphicsmagick 1.4+really1.3.40
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

open("in.ppm", "wb").write(b"P6\n5 3\n255\n" + b"\xff" * 45)

def run(command, data=None):
    return subprocess.run(command, input=data, capture_output=True)

magick = run("gm convert in.ppm -sampling-factor 4:2:0 -depth 8 yuv:-".split()).stdout
ffmpeg = run("/usr/bin/ffmpeg -v error -i in.ppm -f rawvideo -pix_fmt yuv420p -".split()).stdout
show("bytes of 5x3 by FFmpeg", 27, len(ffmpeg), len(ffmpeg) == 27)
show("bytes of 5x3 by GraphicsMagick", 27, len(magick), len(magick) == 36)
show("white, FFmpeg and GraphicsMagick", [235, 235], [ffmpeg[0], magick[0]], [ffmpeg[0], magick[0]] == [235, 255])
for name, data in (("GraphicsMagick", magick), ("FFmpeg", ffmpeg)):
    open("in.yuv", "wb").write(data)
    result = run("gm convert -size 5x3 -sampling-factor 4:2:0 -depth 8 in.yuv gray:-".split())
    note = result.stderr.decode().strip().split("(")[0]
    show(
        f"GraphicsMagick reads the file of {name}",
        "15 bytes of gray",
        f"{len(result.stdout)} bytes, {note!r}",
        len(result.stdout) == 0,
    )
    frames = run(
        "/usr/bin/ffmpeg -v error -f rawvideo -pix_fmt yuv420p -s 5x3 -i in.yuv -f rawvideo -".split()
    ).stdout
    if name == "FFmpeg":
        show("FFmpeg reads its own file", 27, len(frames), len(frames) == 27)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
