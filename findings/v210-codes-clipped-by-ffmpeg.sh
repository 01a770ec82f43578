#!/usr/bin/env bash
# v210 of FFmpeg clips codes 0 to 3 and 1020 to 1023; that of GStreamer keeps them.
#
# Guess: v210 is uncompressed 4:2:2 of 10 bits: what is packed comes back.
# What happens: FFmpeg's encoder writes 4 for 0 to 3 and 1019 for 1020 to 1023 (codes reserved on SDI wires),
#   GStreamer 1.22 writes the codes as they are: the same frame gives different bytes.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1), GStreamer 1.22.0
# Why it matters: Full-range or sensor data kept as v210 ("lossless") is not lossless in FFmpeg, and a byte
#   comparison of the two tools fails on valid frames.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs ffmpeg 7:5.1.
needs gstreamer1.0-plugins-base 1.22.
needs gstreamer1.0-plugins-bad 1.22.
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

width, height = 48, 22
luma = (np.arange(width * height) % 1024).astype("<u2")  # every code of 10 bits
data = luma.tobytes() + np.full(width * height, 512, "<u2").tobytes()
packed = {v: convert(v, data, width, height, "yuv422p10le", "yuv422p10le", "-c:v", "v210") for v in ffmpeg}
open("in.raw", "wb").write(data)
reader = (
    f"filesrc location=in.raw blocksize={len(data)} ! rawvideoparse format=i422-10le width={width} height={height}"
)
writer = "video/x-raw,format=v210 ! filesink location=out.raw"
subprocess.run(f"gst-launch-1.0 -q {reader} ! videoconvert dither=none ! {writer}", shell=True, check=True)
packed["GStreamer 1.22"] = open("out.raw", "rb").read()
for tool, frame in packed.items():
    words = np.frombuffer(frame, "<u4").reshape(height, -1)[:, : width // 6 * 4]
    samples = np.stack([words >> 0 & 1023, words >> 10 & 1023, words >> 20 & 1023], -1).reshape(height, -1)
    back = samples[:, 1::2].ravel()  # U Y V Y in turn
    lost = sorted(set(luma[back != luma].tolist()))
    clips = tool in ffmpeg
    show(
        f"luma codes changed by v210 of {tool}",
        "none",
        lost,
        lost == ([0, 1, 2, 3, 1020, 1021, 1022, 1023] if clips else []),
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
