#!/usr/bin/env bash
# FFmpeg 5.1 turns gray into green when it becomes float RGB.
#
# Guess: gray to gbrpf32 gives three equal planes.
# What happens: 5.1.9 gives green 0.53 for black and 1.0 for middle gray, with red and blue 0, from 8 and 16 bits
#   alike; 9.0.2 gives equal planes. A detour by gbrp16 (format=gbrp16le) is right in both.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: gbrpf32 is the planar float layout that networks take. Black-and-white clips and depth maps are
#   read wrong by the FFmpeg of Debian 12, and no message tells.
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

for version in ffmpeg:
    for level in (0, 128, 255):

        def planes(*options):
            real = np.frombuffer(
                convert(version, bytes([level]) * 256, 16, 16, "gray", "gbrpf32le", *options), "<f4"
            ).reshape(3, 256)
            return [round(float(p[128]), 3) for p in real[[2, 0, 1]]]

        direct, detour = planes(), planes("-vf", "format=gbrp16le")
        gray = max(direct) - min(direct) < 0.01
        show(
            f"{version}, gray {level} to float R, G, B", [round(level / 255, 3)] * 3, direct, gray == (version == new)
        )
        show(
            f"{version}, the same by gbrp16",
            [round(level / 255, 3)] * 3,
            detour,
            max(abs(x - level / 255) for x in detour) < 0.01,
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
