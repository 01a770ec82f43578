#!/usr/bin/env bash
# FFmpeg reads half-float TIFF files as 16-bit integers.
#
# Guess: SampleFormat 3 (floating point) with 16 bits is decoded as half floats, or refused like 32-bit float TIFF
#   is.
# What happens: The bit patterns are taken for integers: 0.0 stays 0, 0.25 becomes 0.203, 1.0 becomes 0.234, with no
#   message, exit code 0. 32-bit float TIFF is refused.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1), tifffile 2026.3.3
# Why it matters: Half-float TIFF is what HDR and network outputs are kept in. The picture that comes out is
#   plausible (a flat gray one), the numbers are meaningless.
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
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 imageio-ffmpeg==0.8.1 tifffile==2026.3.3
venv/bin/python - <<'EOF'
import subprocess, sys
import imageio_ffmpeg, numpy as np, tifffile

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

values = np.array([0, 0.25, 0.5, 1.0], np.float16)
tifffile.imwrite("half.tif", np.repeat(values, 16).reshape(4, 16), photometric="minisblack")
tifffile.imwrite("single.tif", np.repeat(values, 16).reshape(4, 16).astype(np.float32), photometric="minisblack")
assert (tifffile.imread("half.tif")[:, 0] == values).all()
for version in ffmpeg:
    run = lambda path: subprocess.run(
        [ffmpeg[version], "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray16le", "-"],
        capture_output=True,
    )
    result = run("half.tif")
    seen = (np.frombuffer(result.stdout, "<u2").reshape(4, 16)[:, 0] / 65535).round(3).tolist()
    as_integers = (values.view(np.uint16) / 65535).round(3).tolist()
    show(
        f"{version}, half floats {values.tolist()}, exit code {result.returncode}",
        values.tolist(),
        seen,
        np.allclose(seen, as_integers, atol=2e-3) and result.returncode == 0,
    )
    result = run("single.tif")
    show(f"{version}, 32-bit floats", "values or an error", f"{len(result.stdout)} bytes", not result.stdout)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
