#!/usr/bin/env bash
# FFmpeg makes 16-bit RGB half a grey level brighter when it becomes 8-bit RGB.
#
# Guess: 16 to 8 bits rounds (v / 257), truncates (v >> 8) or dithers: the mean error lies between -0.5 and 0, the
#   largest below 1.
# What happens: rgb48 to rgb24 and gbrp16 to gbrp: mean error about +0.5, largest 1.5; sws_dither=none does not
#   change it. gray16 to gray errs the other way (-0.25), and with sws_dither=none 5.1 gives 0 and 9.0 +0.5.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: Half a grey level of bias is 54 dB, as large as the whole difference between two precisions of a
#   network: 16-bit PNG references must not pass through FFmpeg before PSNR is taken.
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

codes = np.arange(65536).astype("<u2")
exact = codes / 257

def error(version, source, target, planes, data, *options):
    out = np.frombuffer(convert(version, data, 256, 256, source, target, *options), np.uint8).astype(float)
    out = out.reshape(-1, 3).T if target == "rgb24" else out.reshape(planes, -1)
    return round(float((out - exact).mean()), 3), round(float(np.abs(out - exact).max()), 2)

for version in ffmpeg:
    for options in ((), ("-vf", "scale=sws_dither=none")):
        note = f"{version} {' '.join(options)}"
        seen = error(version, "rgb48le", "rgb24", 3, np.repeat(codes, 3).tobytes(), *options)
        show(
            f"{note}: rgb48 to rgb24, mean and largest error",
            "mean -0.5 to 0, largest < 1",
            seen,
            0.4 < seen[0] < 0.6 and seen[1] > 1.3,
        )
        seen = error(version, "gbrp16le", "gbrp", 3, np.tile(codes, 3).tobytes(), *options)
        show(f"{note}: gbrp16 to gbrp", "mean -0.5 to 0", seen, 0.4 < seen[0] < 0.6)
        seen = error(version, "gray16le", "gray", 1, codes.tobytes(), *options)
        want = -0.25 if not options else 0 if version == old else 0.5
        show(f"{note}: gray16 to gray", "as RGB", seen, abs(seen[0] - want) < 0.05)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
