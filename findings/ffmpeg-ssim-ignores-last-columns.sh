#!/usr/bin/env bash
# FFmpeg's ssim filter does not look at the last columns and rows when a size is no multiple of 4.
#
# Guess: A picture whose last columns are inverted has an SSIM below 1.
# What happens: SSIM is summed over blocks of 8x8 at steps of 4; what is left over at the right and bottom is never
#   read. With 10 columns the last two, with 11 the last three may hold anything: SSIM 1.000000 (inf). psnr sees it.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: Faults at the right and bottom border (vector tails, padding, odd chroma) are what an upscaler's
#   tests must find, and sizes that are no multiple of 4 are where they occur.
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
import re

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

def metric(version, name, a, b):
    for path, picture in (("a.raw", a), ("b.raw", b)):
        picture.tofile(path)
    size = f"{a.shape[1]}x{a.shape[0]}"
    source = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-i"]
    log = subprocess.run(
        [ffmpeg[version], "-v", "info", *source, "a.raw", *source, "b.raw", "-lavfi", name, "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return re.search(r"(?:SSIM|PSNR) [Yy]:(\S+)", log).group(1)

rng = np.random.default_rng(0)
for version in ffmpeg:
    for width, height in ((11, 8), (8, 11), (1919, 16)):
        a = rng.integers(0, 256, (height, width)).astype(np.uint8)
        b = a.copy()
        b[:, width // 4 * 4 :] ^= 255
        b[height // 4 * 4 :, :] ^= 255
        seen = metric(version, "ssim", a, b)
        show(
            f"{version}, {width}x{height}, leftover columns and rows inverted, SSIM",
            "less than 1",
            seen,
            float(seen) == 1,
        )
        seen = metric(version, "psnr", a, b)
        show(f"{version}, PSNR of the same", "finite", seen, seen != "inf")
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
