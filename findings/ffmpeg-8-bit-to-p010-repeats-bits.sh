#!/usr/bin/env bash
# FFmpeg 5.1 fills the low bits when it makes P010 of 8-bit video; 9.0 does not.
#
# Guess: 8-bit 4:2:0 to P010 multiplies by 4 and leaves the low 6 bits of each word 0, as 8-bit to yuv420p10 does;
#   back gives the same picture.
# What happens: 5.1 writes the byte twice: 235 becomes 0xEBEB, that is 943.7 instead of 940, with the 6 low bits
#   set, and about a third of random samples is changed by a round trip. yuv420p10 has 940, and 9.0 has 940 in both.
# Versions: FFmpeg 5.1.9 (Debian 12) and 9.0.2 (imageio-ffmpeg 0.8.1)
# Why it matters: P010 is what hardware encoders and GPUs take. White and black of one source differ between
#   yuv420p10 and P010 by up to 4 codes, and readers that do not mask the low bits see samples of 16 bits.
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

levels = np.array([16, 128, 235], np.uint8)
data = np.resize(levels, 16 * 16 * 3 // 2)
noise = np.random.default_rng(0).integers(0, 256, 16 * 16 * 3 // 2).astype(np.uint8)
right = (levels.astype(int) * 4).tolist()
for version in ffmpeg:
    planar = np.frombuffer(convert(version, data.tobytes(), 16, 16, "yuv420p", "yuv420p10le"), "<u2")[:3].tolist()
    show(f"{version}, {levels.tolist()} to yuv420p10", right, planar, planar == right)
    words = np.frombuffer(convert(version, data.tobytes(), 16, 16, "yuv420p", "p010le"), "<u2")[:3].astype(int)
    stated = levels.astype(int) * (257 if version == old else 256)
    show(
        f"{version}, the same to p010, word / 64",
        right,
        (words / 64).round(2).tolist(),
        words.tolist() == stated.tolist(),
    )
    there = convert(version, noise.tobytes(), 16, 16, "yuv420p", "p010le")
    changed_by = float(
        (np.frombuffer(convert(version, there, 16, 16, "p010le", "yuv420p"), np.uint8) != noise).mean()
    )
    show(
        f"{version}, samples changed by yuv420p to p010 to yuv420p",
        0,
        round(changed_by, 2),
        changed_by > 0.1 if version == old else changed_by == 0,
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
