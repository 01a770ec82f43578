#!/usr/bin/env bash
# FFmpeg converts float gray to 16-bit gray as if the float were limited range.
#
# Guess: grayf32 0.25 becomes 16384 of 65535, and gray16 to grayf32 and back is the identity.
# What happens: grayf32 to gray16 stretches 0.0625..0.918 to 0..65535 in both versions (0.25 gives 14364, 0.95
#   white); to 8-bit gray it does not. gray16 to grayf32 is squeezed to limited range in 5.1 and right in 9.0: so
#   the round trip is roughly right in 5.1 and broken in 9.0.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: Float luma (a network's output) handed to FFmpeg for a 16-bit PNG or for FFV1 loses both ends of
#   its range without a word.
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

names = "0 0.05 0.25 0.5 0.95 1"
frame = np.repeat(np.array(names.split(), np.float32), 16)
ramp = np.arange(65536).astype("<u2")
for version in ffmpeg:
    wide = np.frombuffer(convert(version, frame.tobytes(), 16, 6, "grayf32le", "gray16le"), "<u2")[::16].tolist()
    stretched = wide[1] == 0 and wide[4] > 65500 and 14200 < wide[2] < 14500
    show(f"{version}, grayf32 {names} to gray16", "0 3277 16384 32768 62258 65535", wide, stretched)
    byte = np.frombuffer(convert(version, frame.tobytes(), 16, 6, "grayf32le", "gray"), np.uint8)[::16].tolist()
    show(f"{version}, the same to 8-bit gray", "0 13 64 128 242 255", byte, 63 <= byte[2] <= 65)
    real = np.frombuffer(convert(version, ramp.tobytes(), 256, 256, "gray16le", "grayf32le"), "<f4")
    worst = float(np.abs(real - ramp / 65535).max())
    show(f"{version}, gray16 to grayf32, largest error", 0, worst, worst > 0.05 if version == old else worst < 1e-6)
    back = np.frombuffer(convert(version, real.tobytes(), 256, 256, "grayf32le", "gray16le"), "<u2").astype(int)
    worst = int(np.abs(back - ramp).max())
    show(
        f"{version}, gray16 to grayf32 to gray16, largest error",
        0,
        worst,
        worst < 300 if version == old else worst > 4000,
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
