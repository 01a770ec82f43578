#!/usr/bin/env bash
# GStreamer changes half of the samples when 10-bit 4:2:0 only changes its layout.
#
# Guess: I420_10LE to P010_10LE and back moves the same 10-bit samples. 8 to 10 bits multiplies by 4 (limited
#   range), and back gives the 8-bit picture.
# What happens: With videoconvert's own settings half of the samples grow by 1 (ordered dither on samples that need
#   none); dither=none is exact. 8 to 10 bits repeats the top bits (white 235 gives 943 and not 940), plus dither;
#   back at 8 bits about one in seven samples is 1 too high.
# Versions: GStreamer 1.22.0 (Debian 12)
# Why it matters: Tests that feed I420_10LE to an element that wants P010 compare dithered input; the pattern is
#   enlarged by the network. Pipelines need "videoconvert dither=none".
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs gstreamer1.0-plugins-base 1.22.
needs gstreamer1.0-tools 1.22.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6
venv/bin/python - <<'EOF'
import subprocess, sys
import numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

def gstreamer(data, source, target, converter="videoconvert"):
    open("in.raw", "wb").write(data)
    reader = f"filesrc location=in.raw blocksize={len(data)} ! rawvideoparse format={source} width=64 height=64"
    writer = f"video/x-raw,format={target} ! filesink location=out.raw"
    subprocess.run(f"gst-launch-1.0 -q {reader} ! {converter} ! {writer}", shell=True, check=True)
    return np.fromfile("out.raw", np.uint8 if target == "I420" else "<u2")[:4096].astype(int)

codes = np.arange(4096) % 1024
ten = np.concatenate([codes, np.full(2048, 512)]).astype("<u2")
for converter in ("videoconvert", "videoconvert dither=none"):
    share = float(((gstreamer(ten.tobytes(), "i420-10le", "P010_10LE", converter) >> 6) != codes).mean())
    show(
        f"{converter}, I420_10LE to P010_10LE, samples changed",
        0,
        round(share, 3),
        share == 0 if "none" in converter else share > 0.4,
    )
    share = float(
        (gstreamer((ten << 6).astype("<u2").tobytes(), "p010-10le", "I420_10LE", converter) != codes).mean()
    )
    show(
        f"{converter}, P010_10LE to I420_10LE, samples changed",
        0,
        round(share, 3),
        share == 0 if "none" in converter else share > 0.4,
    )
levels = np.arange(4096) % 256
wide = gstreamer(levels.astype(np.uint8).tobytes() + bytes([128]) * 2048, "i420", "I420_10LE")
show("I420 to I420_10LE, white 235", 940, int(wide[235]), wide[235] in (942, 943, 944))
back = gstreamer(np.concatenate([wide, np.full(2048, 512)]).astype("<u2").tobytes(), "i420-10le", "I420")
share = float((back != levels).mean())
show("I420 to I420_10LE to I420, samples changed", 0, round(share, 3), share > 0.05)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
