#!/usr/bin/env bash
# Converting YUV to gray: FFmpeg stretches luma to full range, GStreamer copies it.
#
# Guess: The gray picture of a limited-range YUV frame is its Y plane, or at least two tools agree on what it is.
# What happens: FFmpeg takes 8-bit gray for full range and maps 16..235 to 0..255 (head-room clipped, 128 becomes
#   130); GStreamer copies Y (250 stays 250). Back from gray to YUV FFmpeg compresses, GStreamer copies again.
#   extractplanes=y copies in FFmpeg too.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1), GStreamer 1.22.0
# Why it matters: A network for luma must get the Y plane. A pipeline that asks either tool for "gray" feeds it
#   other numbers than the other tool would.
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

y = np.repeat(np.array([16, 64, 128, 235, 250], np.uint8), 64 * 8).reshape(40, 64)
data = y.tobytes() + bytes([128]) * (64 * 40 // 2)

def gstreamer(data, source, target):
    open("in.raw", "wb").write(data)
    reader = f"filesrc location=in.raw blocksize={len(data)} ! rawvideoparse format={source} width=64 height=40"
    writer = f"video/x-raw,format={target} ! filesink location=out.raw"
    subprocess.run(f"gst-launch-1.0 -q {reader} ! videoconvert ! {writer}", shell=True, check=True)
    return open("out.raw", "rb").read()

def column(frame):
    return np.frombuffer(frame[: 64 * 40], np.uint8).reshape(40, 64)[4::8, 0].tolist()

truth = [16, 64, 128, 235, 250]
for version in ffmpeg:
    seen = column(convert(version, data, 64, 40, "yuv420p", "gray"))
    show(f"FFmpeg {version}, Y 16 64 128 235 250 as gray", truth, seen, seen[0] == 0 and seen[3] == seen[4] == 255)
    seen = column(convert(version, data, 64, 40, "yuv420p", "gray", "-vf", "extractplanes=y"))
    show(f"FFmpeg {version}, extractplanes=y", truth, seen, seen == truth)
    seen = column(convert(version, y.tobytes(), 64, 40, "gray", "yuv420p"))
    show(f"FFmpeg {version}, gray to yuv420p", truth, seen, 29 <= seen[0] <= 31 and seen[4] < 235)
seen = column(gstreamer(data, "i420", "GRAY8"))
show("GStreamer, Y as GRAY8", truth, seen, seen == truth)
seen = column(gstreamer(y.tobytes(), "gray8", "I420"))
show("GStreamer, GRAY8 to I420", truth, seen, seen == truth)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
