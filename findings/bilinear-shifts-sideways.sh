#!/usr/bin/env bash
# The fast bilinear scalers of GStreamer and FFmpeg displace the picture horizontally and not vertically.
#
# Guess: Bilinear enlarging keeps the picture's centre and edges: output x corresponds to (x + 1/2) / 2 - 1/2, for
#   both axes.
# What happens: GStreamer's videoscale (bilinear is its default method) stretches rows corner to corner: edges at
#   the left lie half an output pixel to the left, those at the right half a pixel to the right. FFmpeg's
#   fast_bilinear moves rows half an output pixel to the left. Columns are right in both, and so are FFmpeg's
#   bilinear and GStreamer's catrom.
# Versions: GStreamer 1.22.0 and FFmpeg 5.1.9 (Debian 12), FFmpeg 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: As a baseline it is worse than bilinear interpolation is, so that a network seems to gain what was
#   only a shift; chroma enlarged this way lies beside the luma.
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

ffmpeg = {"FFmpeg 5.1": "/usr/bin/ffmpeg", "FFmpeg 9.0": imageio_ffmpeg.get_ffmpeg_exe()}
for name, path in ffmpeg.items():
    print(name, subprocess.run([path, "-version"], capture_output=True, text=True).stdout.split()[2])
size = 64
# An edge at every 8th column.
stripes = np.tile(np.where(np.arange(size) // 8 % 2 == 0, 40, 200).astype(np.uint8), (size, 1))

def enlarge(tool, method, picture):
    data = picture.tobytes() + bytes([128]) * (size * size // 2)
    open("in.raw", "wb").write(data)
    if tool in ffmpeg:
        raw = f"-f rawvideo -pix_fmt yuv420p -s {size}x{size} -i in.raw"
        scale = f"-vf scale={2 * size}:{2 * size}:flags={method} -f rawvideo -y out.raw"
        subprocess.run(f"{ffmpeg[tool]} -v error {raw} {scale}", shell=True, check=True)
        return open("out.raw", "rb").read()
    source = f"filesrc location=in.raw blocksize={len(data)} ! rawvideoparse format=i420 width={size} height={size}"
    scale = f"videoscale {method} ! video/x-raw,width={2 * size},height={2 * size}"
    subprocess.run(f"gst-launch-1.0 -q {source} ! {scale} ! filesink location=out.raw", shell=True, check=True)
    return open("out.raw", "rb").read()

def displacement(tool, method, axis):
    """Of the first and the last edge, in output pixels, positive to the right or down."""
    frame = enlarge(tool, method, np.ascontiguousarray(stripes.T if axis else stripes))
    big = np.frombuffer(frame, np.uint8)[: 4 * size * size].reshape(2 * size, 2 * size).astype(float)
    row = (big.T if axis else big)[size] - 120.5
    cross = [k + row[k] / (row[k] - row[k + 1]) for k in range(2 * size - 1) if row[k] * row[k + 1] < 0]
    return round(float(cross[0]) - 15.5, 2), round(float(cross[-1]) - (2 * size - 16.5), 2)

cases = [("GStreamer", "", (-0.37, 0.4)), ("GStreamer", "method=catrom", (0, 0))]
for version in ffmpeg:
    cases += [(version, "fast_bilinear", (-0.5, -0.5)), (version, "bilinear", (0, 0))]
for tool, method, stated in cases:
    seen = displacement(tool, method, 0)
    near = np.abs(np.subtract(seen, stated)).max() < 0.1
    show(f"{tool} {method}, first and last vertical edge", (0, 0), seen, near)
    seen = displacement(tool, method, 1)
    show(f"{tool} {method}, first and last horizontal edge", (0, 0), seen, np.abs(seen).max() < 0.1)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
