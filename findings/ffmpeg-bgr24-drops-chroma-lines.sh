#!/usr/bin/env bash
# FFmpeg 5.1 takes the chroma of bgr24 to yuv420p from every second line only.
#
# Guess: bgr24 and rgb24 of one picture give one yuv420p picture; the chroma of two lines is averaged.
# What happens: 5.1 has a fast path for bgr24 (not for rgb24) that reads the colour of even lines and ignores odd
#   lines. 9.0 averages. -sws_flags accurate_rnd avoids the fast path.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: OpenCV hands out BGR. A training or test clip piped as bgr24 through a distribution's FFmpeg has
#   aliased chroma, one piped as rgb24 has not, and the luma is equal, so that nothing looks broken.
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

rgb = np.zeros((8, 16, 3), np.uint8)
rgb[0::2], rgb[1::2] = [0, 0, 255], [255, 0, 0]  # lines of blue and red in turn

def chroma(version, data, source, *options):
    planes = np.frombuffer(convert(version, data, 16, 8, source, "yuv420p", *options), np.uint8)[16 * 8 :].reshape(
        2, 4, 8
    )
    return planes[:, 1, 3].tolist()

bgr = rgb[..., ::-1].tobytes()
mean, blue = chroma(new, rgb.tobytes(), "rgb24"), [240, 110]
print("rgb24, U and V:", {v: chroma(v, rgb.tobytes(), "rgb24") for v in ffmpeg})
seen = chroma(old, bgr, "bgr24")
show(f"bgr24 to yuv420p by {old}", f"about {mean}", seen, np.abs(np.subtract(seen, blue)).max() <= 2)
seen = chroma(old, bgr, "bgr24", "-vf", "scale=flags=accurate_rnd")
show(f"the same with accurate_rnd by {old}", f"about {mean}", seen, np.abs(np.subtract(seen, mean)).max() <= 2)
seen = chroma(new, bgr, "bgr24")
show(f"bgr24 to yuv420p by {new}", f"about {mean}", seen, np.abs(np.subtract(seen, mean)).max() <= 2)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
