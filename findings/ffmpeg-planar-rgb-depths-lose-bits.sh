#!/usr/bin/env bash
# FFmpeg loses bits when planar RGB of 10 to 16 bits becomes deeper and returns.
#
# Guess: More bits hold fewer: gbrp12 to gbrp16 or to 32-bit float and back is the identity, as yuv444p10 to
#   yuv444p16 and back is.
# What happens: gbrp10 to gbrp16 and back changes one sample in eight, gbrp12 to gbrp16 two in three, gbrp14 to
#   float nine in ten, gbrp16 to float nearly all (by up to 67 codes). gbrp10 by rgb48 and the YUV formats come back
#   exactly.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: Float planes are the exact intermediate of image work, one thinks. A 12- or 16-bit RGB master that
#   has passed through gbrpf32 or gbrp16 is no longer the master, and "bit-exact" tests must not use it.
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

rng = np.random.default_rng(0)
cases = [
    ("gbrp10le", "gbrp16le", 10, 0.05),
    ("gbrp12le", "gbrp16le", 12, 0.5),
    ("gbrp14le", "gbrpf32le", 14, 0.8),
    ("gbrp16le", "gbrpf32le", 16, 0.5),
    ("gbrp10le", "rgb48le", 10, 0),
    ("yuv444p10le", "yuv444p16le", 10, 0),
]
for version in ffmpeg:
    for narrow, wide, bits, stated in cases:
        picture = rng.integers(0, 1 << bits, 64 * 64 * 3).astype("<u2")
        there = convert(version, picture.tobytes(), 64, 64, narrow, wide)
        back = np.frombuffer(convert(version, there, 64, 64, wide, narrow), "<u2").astype(int)
        share, worst = float((back != picture).mean()), int(np.abs(back - picture).max())
        show(
            f"{version}, {narrow} to {wide} and back: share changed, largest change",
            (0, 0),
            (round(share, 3), worst),
            share > stated if stated else share == 0,
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
