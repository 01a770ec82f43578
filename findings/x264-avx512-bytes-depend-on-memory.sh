#!/usr/bin/env bash
# x264's bytes depend on what lies in memory, on processors with AVX-512 and at most widths.
#
# Guess: One thread, the same frames and options give the same bytes each time, on every processor ("non-deterministic"
#   is an option of its own, off by default).
# What happens: With AVX-512, default options and a width that is no multiple of 128, the bytes change with the value of
#   MALLOC_PERTURB_, with which the C library fills memory that it hands out; the frames are the same. At 128, 640, 1280
#   and 1920 they do not. asm=avx2 gives one result, that of the code in C (asm=0), and mbtree=0, rc-lookahead=0 and no
#   B-frames give one each. Without MALLOC_PERTURB_, some runs differed from the next, and all from asm=avx2 (that is
#   not checked below).
# Versions: libx264 165 of PyAV 18.1.0, libx264-164 0.164.3095 by FFmpeg 5.1.9 (Debian 12), on an AMD EPYC (Zen 4)
# Why it matters: A segment that is encoded twice, on two machines or again after a failure, is another file. Tests
#   that compare encoded bytes and caches by content fail at 320x180, 720x576 or 848x480, and not at 640x360.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs ffmpeg 7:5.1.
needs libx264-164 2:0.164.3095
grep -qw avx512bw /proc/cpuinfo || { echo "needs a processor with AVX-512" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check --only-binary :all: numpy==2.4.6 av==18.1.0
cat > encode.py <<'EOF'
"""The SHA-1 of what libx264 makes of in.yuv in one thread. Arguments: width, height, x264's options."""
import hashlib, sys
import av, numpy as np

width, height = int(sys.argv[1]), int(sys.argv[2])
with av.open("out.h264", "w") as sink:
    stream = sink.add_stream("libx264", rate=25, options={"x264-params": sys.argv[3]})
    stream.width, stream.height, stream.pix_fmt, stream.thread_count = width, height, "yuv420p", 1
    for index, planes in enumerate(np.fromfile("in.yuv", np.uint8).reshape(-1, height * 3 // 2, width)):
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = index
        sink.mux(stream.encode(frame))
    sink.mux(stream.encode(None))
with open("out.h264", "rb") as file:
    print(hashlib.sha1(file.read()).hexdigest())
EOF
venv/bin/python - <<'EOF'
import hashlib, os, subprocess, sys
import av, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

def make_input(width, height):
    """Twelve frames of a smooth texture that moves by two pixels each, with noise."""
    random = np.random.default_rng(1)
    rows = height * 3 // 2
    texture = np.cumsum(random.normal(size=(rows, 512)), 1)
    texture = (texture - texture.min()) / np.ptp(texture) * 255
    with open("in.yuv", "wb") as file:
        for index in range(12):
            noise = random.integers(-4, 5, (rows, width))
            planes = np.roll(texture, 2 * index, 1)[:, :width] + noise
            file.write(np.clip(planes, 0, 255).astype(np.uint8).tobytes())

def by_pyav(width, height, options):
    command = ["venv/bin/python", "encode.py", str(width), str(height), options]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout.strip()

def by_debian(width, height, options):
    command = ["/usr/bin/ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}"]
    command += ["-i", "in.yuv", "-c:v", "libx264", "-threads", "1", "-x264-params", options, "-f", "h264", "-"]
    return hashlib.sha1(subprocess.run(command, check=True, capture_output=True).stdout).hexdigest()

debian = subprocess.run(["/usr/bin/ffmpeg", "-version"], capture_output=True, text=True).stdout.split()[2]
print("PyAV", av.__version__, "FFmpeg", debian)
for encode, name in ((by_pyav, "PyAV"), (by_debian, "FFmpeg 5.1")):
    plain = set()
    for width, height, options, stated in (
        (64, 48, "threads=1", False),
        (320, 180, "threads=1", False),
        (128, 96, "threads=1", True),
        (64, 48, "asm=avx2", True),
        (64, 48, "asm=0", True),
        (320, 180, "asm=avx2", True),
        (64, 48, "mbtree=0", True),
        (64, 48, "rc-lookahead=0", True),
        (64, 48, "bframes=0", True),
    ):
        make_input(width, height)
        results = []
        for fill in ("1", "85", "170"):
            os.environ["MALLOC_PERTURB_"] = fill
            results.append(encode(width, height, options)[:8])
        del os.environ["MALLOC_PERTURB_"]
        what = f"{name}, {width}x{height}, {options}, for three values of MALLOC_PERTURB_"
        show(what, "one result", " ".join(results), (len(set(results)) == 1) == stated)
        if (width, options) in ((64, "asm=avx2"), (64, "asm=0")):
            plain.add(results[0])
    show(f"{name}, asm=avx2 and asm=0", 1, len(plain), len(plain) == 1)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
