#!/usr/bin/env bash
# FFmpeg 5.1 reads portable float maps upside down; 9.0 and OpenCV do not.
#
# Guess: PFM stores rows from the bottom to the top, and every reader knows that.
# What happens: 5.1.9 returns the rows as stored, so the picture is flipped; 9.0.2 and OpenCV 5.0 return the top row
#   first. The same file has two meanings for two versions of one tool.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1), opencv-python-headless 5.0.0.93
# Why it matters: PFM is the simplest float format and is used for references, optical flow and depth. A flipped
#   reference spoils every comparison, or passes unseen on symmetric test pictures.
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
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 imageio-ffmpeg==0.8.1 \
    opencv-python-headless==5.0.0.93
venv/bin/python - <<'EOF'
import subprocess, sys
import cv2, imageio_ffmpeg, numpy as np

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

print("OpenCV", cv2.__version__)
picture = np.linspace(0, 1, 4, dtype="<f4")[:, None].repeat(6, 1)  # black at the top, white at the bottom
for name, channels, header in (("colour", 3, b"PF"), ("gray", 1, b"Pf")):
    data = picture[::-1, :, None].repeat(channels, 2).tobytes()  # bottom row first, as the format says
    open("in.pfm", "wb").write(header + b"\n6 4\n-1.0\n" + data)
    right = picture[:, 0].round(2).tolist()
    seen = cv2.imread("in.pfm", cv2.IMREAD_UNCHANGED).reshape(4, 6, -1)[:, 0, 0].round(2).tolist()
    show(f"{name}, first column by OpenCV", right, seen, seen == right)
    for version in ffmpeg:
        raw = subprocess.run(
            [ffmpeg[version], "-v", "error", "-i", "in.pfm", "-f", "rawvideo", "-"], capture_output=True, check=True
        ).stdout
        seen = np.frombuffer(raw, "<f4")[:24].reshape(4, 6)[:, 0].round(2).tolist()
        show(
            f"{name}, first column by FFmpeg {version}",
            right,
            seen,
            seen == (right[::-1] if version == old else right),
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
