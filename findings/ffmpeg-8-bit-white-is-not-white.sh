#!/usr/bin/env bash
# FFmpeg widens 8-bit RGB so that white is 65283 of 65535, 0.996 in float.
#
# Guess: 8-bit white 255 becomes 65535 in rgb48 (times 257) and 1.0 in gbrpf32, as gray to gray16 does.
# What happens: rgb24 to rgb48 or gbrp16 gives 65283 (127 gives 32511 instead of 32639), to gbrpf32 0.99615, 10-bit
#   white 0.99905. rgba to rgba64 does it to the colours and gives 65532 for alpha. gray to gray16 is exact. zscale
#   is exact.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: A 16-bit or float input made from 8-bit files with FFmpeg is darker by up to one grey level at the
#   white end; a network that clips at 1.0 never reaches white, and 16-bit files of two origins differ.
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

white8, levels = bytes([255]) * 256, np.arange(256).astype(np.uint8)
for version in ffmpeg:
    wide = np.frombuffer(convert(version, np.repeat(levels, 3).tobytes(), 16, 16, "rgb24", "rgb48le"), "<u2")[::3]
    show(
        f"{version}, rgb24 0, 127, 255 to rgb48", [0, 32639, 65535], wide[[0, 127, 255]].tolist(), wide[255] == 65283
    )
    wide = np.frombuffer(convert(version, white8 * 3, 16, 16, "gbrp", "gbrp16le"), "<u2")
    show(f"{version}, gbrp white to gbrp16", 65535, int(wide[0]), wide[0] == 65283)
    real = np.frombuffer(convert(version, white8 * 3, 16, 16, "rgb24", "gbrpf32le"), "<f4")
    show(f"{version}, rgb24 white to gbrpf32", 1.0, float(real[0]), abs(real[0] - 65283 / 65535) < 1e-5)
    real = np.frombuffer(
        convert(version, np.full(768, 1023, "<u2").tobytes(), 16, 16, "gbrp10le", "gbrpf32le"), "<f4"
    )
    show(f"{version}, gbrp10 white to gbrpf32", 1.0, float(real[0]), 0.998 < real[0] < 0.9995)
    rgba = np.frombuffer(convert(version, white8 * 4, 16, 16, "rgba", "rgba64le"), "<u2")[:4]
    show(
        f"{version}, rgba white to rgba64", [65535] * 4, rgba.tolist(), rgba.tolist() == [65283, 65283, 65283, 65532]
    )
    gray = np.frombuffer(convert(version, levels.tobytes(), 16, 16, "gray", "gray16le"), "<u2")
    show(
        f"{version}, gray to gray16 is v * 257",
        True,
        bool((gray == levels.astype(int) * 257).all()),
        gray[255] == 65535,
    )
exact = np.frombuffer(convert(old, white8 * 3, 16, 16, "rgb24", "gbrp16le", "-vf", "zscale"), "<u2")
show(f"{old}, rgb24 white to gbrp16 by zscale", 65535, int(exact[0]), exact[0] == 65535)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
