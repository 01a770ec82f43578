#!/usr/bin/env bash
# FFmpeg computes the luma of Bayer frames with red and blue exchanged when the target is yuv420p.
#
# Guess: bayer_rggb8 to yuv420p equals bayer_rggb8 to rgb24 to yuv420p up to rounding; nv12 has the same luma.
# What happens: For all four patterns and for 16 bits, luma of pure red is 40 (81 is right) and of pure blue 81 (41
#   is right), and chroma is off by 19. Through rgb24 first, or to nv12, it is right.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: Raw camera streams are mostly turned to 4:2:0 at once. Skin becomes dark and sky bright, gray test
#   charts show nothing, and a luma network gets a wrong picture.
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

def mosaic(pattern, colour, kind, scale):
    picture, value = np.zeros((16, 16), kind), dict(zip("rgb", colour))
    for i in range(2):
        for j in range(2):
            picture[i::2, j::2] = value[pattern[2 * i + j]] * scale
    return picture.tobytes()

def yuv(version, data, source, target, *options):
    planes = np.frombuffer(convert(version, data, 16, 16, source, target, *options), np.uint8)
    return [int(planes[100]), int(planes[290]), int(planes[350])]

red, blue = [81, 90, 240], [41, 240, 110]
for version in ffmpeg:
    for pattern in ("rggb", "bggr", "gbrg", "grbg"):
        for bits, kind, scale in (("8", np.uint8, 1), ("16le", "<u2", 257)):
            source = f"bayer_{pattern}{bits}"
            seen = yuv(version, mosaic(pattern, (255, 0, 0), kind, scale), source, "yuv420p")
            show(f"{version}, red as {source} to yuv420p", red, seen, abs(seen[0] - 40) <= 2)
    seen = yuv(version, mosaic("rggb", (0, 0, 255), np.uint8, 1), "bayer_rggb8", "yuv420p")
    show(f"{version}, blue as bayer_rggb8 to yuv420p", blue, seen, abs(seen[0] - 81) <= 2)
    seen = yuv(version, mosaic("rggb", (255, 0, 0), np.uint8, 1), "bayer_rggb8", "yuv420p", "-vf", "format=rgb24")
    show(f"{version}, red by rgb24", red, seen, abs(seen[0] - 81) <= 2)
    seen = yuv(version, mosaic("rggb", (255, 0, 0), np.uint8, 1), "bayer_rggb8", "nv12")
    show(f"{version}, red as nv12, luma", 81, seen[0], abs(seen[0] - 81) <= 2)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
