#!/usr/bin/env bash
# FFmpeg 4.2 and 5.1 write YUV4MPEG2 of odd widths above 8 bits one byte short in every chroma row.
#
# Guess: A frame of 33x17 in yuv420p10le is 33x17 + 2 x 17x9 samples of two bytes: 1734 bytes, as in a raw file.
# What happens: 4.2.2 and 5.1.9 write 1716: each chroma row holds 33 bytes, 16 and a half samples, and all that
#   follows is displaced. They exit with 0 and cannot read their own second frame. 4:2:2 and 16 bits are alike;
#   8 bits, 4:4:4 and gray are right, and 7.0.2 and 9.0.2 are right in all.
# Versions: FFmpeg 4.2.2 (imageio-ffmpeg 0.4.9), 5.1.9 (Debian 12), 7.0.2 (imageio-ffmpeg 0.6.0) and 9.0.2
#   (imageio-ffmpeg 0.8.1)
# Why it matters: Odd sizes are what a crop or a test of borders makes. The chroma of such a file is lost for every
#   reader, and a test that takes the file for a reference blames the program that is right.
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
for release in 0.4.9 0.6.0 0.8.1; do
    venv/bin/pip install -q --no-compile --disable-pip-version-check --no-deps --target "$release" \
        imageio-ffmpeg=="$release"
done
venv/bin/python - <<'EOF'
import glob, os, subprocess, sys

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

ffmpeg = {}
for path in ["/usr/bin/ffmpeg", *glob.glob("*/imageio_ffmpeg/binaries/ffmpeg*")]:
    os.access(path, os.X_OK) or os.chmod(path, 0o755)
    first = subprocess.run([path, "-version"], capture_output=True, text=True).stdout.split()
    ffmpeg[first[2].lstrip("n").split("-")[0]] = path
print("FFmpeg", *sorted(ffmpeg))

# Samples of a frame: luma and two planes of chroma.
SAMPLES = {
    "yuv420p": lambda w, h: w * h + 2 * ((w + 1) // 2) * ((h + 1) // 2),
    "yuv422p": lambda w, h: w * h + 2 * ((w + 1) // 2) * h,
    "yuv444p": lambda w, h: 3 * w * h,
    "gray": lambda w, h: w * h,
}
CASES = [("yuv420p", ""), ("yuv420p", "10le"), ("yuv420p", "16le"), ("yuv422p", "10le"), ("yuv444p", "10le")]
CASES += [("gray", "10le")]
for version in sorted(ffmpeg):
    for layout, depth in CASES:
        for width in (32, 33):
            right = SAMPLES[layout](width, 17) * (2 if depth else 1)
            raw = bytes(i * 7 % 251 if not depth or i % 2 == 0 else 1 for i in range(2 * right))  # codes below 512
            size = f"-v error -f rawvideo -pix_fmt {layout}{depth} -s {width}x17 -i -"
            written = subprocess.run(
                [ffmpeg[version], *size.split(), *"-strict -1 -f yuv4mpegpipe -".split()],
                input=raw,
                capture_output=True,
                check=True,
            ).stdout
            bytes_each = (len(written) - written.index(b"\n") - 1) / 2 - len("FRAME\n")
            back = subprocess.run(
                [ffmpeg[version], *"-v error -f yuv4mpegpipe -i - -f rawvideo -".split()],
                input=written,
                capture_output=True,
            ).stdout
            wrong = version < "7" and width == 33 and depth and layout in ("yuv420p", "yuv422p")
            missing = 2 * (9 if layout == "yuv420p" else 17) if wrong else 0  # a byte in each row of U and V
            show(
                f"FFmpeg {version}, {layout}{depth} of {width}x17, bytes a frame and what it reads of its two frames",
                f"{right}, the same frames",
                f"{bytes_each:.0f}, {'the same frames' if back == raw else f'{len(back)} bytes that differ'}",
                bytes_each == right - missing and (back != raw if wrong else back == raw),
            )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
