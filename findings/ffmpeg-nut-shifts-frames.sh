#!/usr/bin/env bash
# FFmpeg shifts all frames of a NUT file by the delay of B-frames.
#
# Guess: Frames come back from NUT at the times that they were written with. B-frames make only decoding times negative,
#   and NUT stores none: a reader works them out.
# What happens: H.264 with B-frames begins at a decoding time of -2 frames; read back, every frame is two frames later,
#   the first at 2. Nothing is printed. Option avoid_negative_ts=disabled keeps the times; so does a first frame at 2 or
#   later. Without B-frames, frames from -3 on come back from 0, silently as well (disabled refuses these). MOV and
#   Matroska keep the frames of either kind that start at 0, MOV those from -3 too.
# Versions: PyAV 18.1.0 (FFmpeg 8.1.2)
# Why it matters: Segments of a video that travel as NUT and are joined by their times come out late by the encoder's
#   delay, against the sound and against segments of an encoder without B-frames.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check --only-binary :all: numpy==2.4.6 av==18.1.0
venv/bin/python - <<'EOF'
import io, sys
from fractions import Fraction
import av, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("PyAV", av.__version__, "FFmpeg", av.ffmpeg_version_info)
av.logging.set_level(av.logging.WARNING)  # the encoder's summaries are not wanted
FRAME = Fraction(1, 25)

def times(kind, first, b_frames, **options):
    """Presentation times of eight frames as muxed and as read, in frames."""
    file, muxed, read = io.BytesIO(), [], []
    with av.open(file, "w", format=kind, options=options) as sink:
        stream = sink.add_stream("libx264", rate=25, options={"bf": str(b_frames), "b_strategy": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        packets = []
        for index in range(8):
            frame = av.VideoFrame.from_ndarray(np.full((72, 64), 16 + 20 * index, np.uint8), format="yuv420p")
            frame.pts, frame.time_base = first + index, FRAME
            packets += stream.encode(frame)
        for packet in packets + stream.encode(None):
            muxed.append(int(packet.pts * packet.time_base / FRAME))
            sink.mux(packet)
    file.seek(0)
    with av.open(file) as source:
        for packet in source.demux(video=0):
            if packet.size:
                read.append(round(float(packet.pts * packet.time_base / FRAME), 2))
    return sorted(muxed), [int(t) if t == int(t) else t for t in sorted(read)]

for kind, first, b_frames, options, shift in (
    ("nut", 0, 0, {}, 0),
    ("nut", 0, 2, {}, 2),
    ("nut", -3, 0, {}, 3),
    ("nut", 2, 2, {}, 0),
    ("nut", 0, 2, {"avoid_negative_ts": "disabled"}, 0),
    ("mov", 0, 2, {}, 0),
    ("mov", -3, 0, {}, 0),
    ("matroska", 0, 0, {}, 0),
    ("matroska", 0, 2, {}, 0),
):
    muxed, read = times(kind, first, b_frames, **options)
    text = f"{kind}, first frame at {first}, {b_frames} B-frames" + "".join(f", {k}={v}" for k, v in options.items())
    show(text, muxed, read, read == [t + shift for t in muxed])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
