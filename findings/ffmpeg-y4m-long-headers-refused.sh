#!/usr/bin/env bash
# FFmpeg refuses YUV4MPEG2 files whose header is longer than 79 to 127 characters, by version.
#
# Guess: The format sets no limit, fields of the kind X may hold any comment, and FFmpeg reads any valid header.
# What happens: Before the line feed 4.2.2 reads 79 characters, 5.1.9 reads 95, 7.0.2 and 9.0.2 read 127; one more is
#   "Header too large" (4.2.2: "Operation not permitted"). Lines "FRAME" of more than 79 characters end the video in
#   all four. 4.2.2 cannot read a header of 90 characters that it writes itself without any comment.
# Versions: FFmpeg 4.2.2 (imageio-ffmpeg 0.4.9), 5.1.9 (Debian 12), 7.0.2 (imageio-ffmpeg 0.6.0) and 9.0.2
#   (imageio-ffmpeg 0.8.1)
# Why it matters: A writer that keeps a source's X fields, or adds its own beside XYSCSS and XCOLORRANGE, makes
#   files that are valid and that the tool everyone pipes into will not open.
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

START = b"YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg"
PIXELS = bytes(range(256)) + bytes([128]) * 128

def decode(version, data):
    """Frames of a YUV4MPEG2 stream, raw, and what FFmpeg says."""
    result = subprocess.run(
        [ffmpeg[version], "-v", "error", "-f", "yuv4mpegpipe", "-i", "-", "-f", "rawvideo", "-"],
        input=data,
        capture_output=True,
    )
    return result.stdout, result.stderr.decode()

def longest(reads):
    """The most characters for which `reads` is true, of 50 to 1000; true up to there and false from there on."""
    good, bad = 50, 1000
    assert reads(good)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if reads(middle) else (good, middle)
    return good

def filled(line, length):
    return line + b" X" + b"c" * (length - len(line) - 2) + b"\n"

limits = {"4.2.2": 79, "5.1.9": 95, "7.0.2": 127, "9.0.2": 127}
for version, limit in limits.items():
    seen = longest(lambda n: decode(version, filled(START, n) + b"FRAME\n" + PIXELS)[0] == PIXELS)
    show(f"longest header that FFmpeg {version} reads", "any length", seen, seen == limit)
    note = decode(version, filled(START, limit + 1) + b"FRAME\n" + PIXELS)[1]
    text = "Operation not permitted" if version == "4.2.2" else "Header too large"
    show(f"one more in FFmpeg {version}", "the frame", repr(text) if text in note else repr(note), text in note)
    seen = longest(lambda n: decode(version, START + b"\n" + filled(b"FRAME", n) + PIXELS)[0] == PIXELS)
    show(f"longest line FRAME that FFmpeg {version} reads", "any length", seen, seen == 79)
    written = subprocess.run(
        [
            ffmpeg[version],
            *"-v error -f lavfi -i color=gray:size=1920x1080:rate=1000000/33333:duration=0.02".split(),
            *"-vf setsar=31/34 -frames:v 1 -pix_fmt yuv420p -color_range tv -f yuv4mpegpipe -".split(),
        ],
        capture_output=True,
        check=True,
    ).stdout
    line = written.split(b"\n")[0]
    seen = len(decode(version, written)[0])
    show(
        f"own file of FFmpeg {version}, header of {len(line)} characters ({line.decode()}), bytes read",
        1920 * 1080 * 3 // 2,
        seen,
        len(line) == 90 and seen == (0 if version == "4.2.2" else 1920 * 1080 * 3 // 2),
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
