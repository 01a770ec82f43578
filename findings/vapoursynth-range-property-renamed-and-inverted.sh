#!/usr/bin/env bash
# VapourSynth's frame property _Range, which replaces _ColorRange, has the opposite numbers.
#
# Guess: The warning "_ColorRange frame property has been deprecated, use _Range instead" asks for a new name; the
#   value stays.
# What happens: _ColorRange is 0 for full and 1 for limited, _Range is 0 for limited and 1 for full. Y 16 becomes
#   0.063 in float with _ColorRange 0 and 0.0 with _Range 0. Both are accepted, and a frame given the old property
#   comes out with the new one and the other number. In C the constant VSC_RANGE_FULL itself is 0 or 1, by whether
#   VS_USE_API_42 or VS_USE_LATEST_API is defined before the header.
# Versions: VapourSynth 81 (Python 3.12 or newer), gcc 12.2 (Debian 12)
# Why it matters: A script or a plugin in C that follows the warning by replacing the name takes limited range for
#   full and full for limited: grey blacks or crushed ones, with no warning left.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs gcc-12 12.2.
python=
for candidate in python3 python3.14 python3.13 python3.12 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "needs Python 3.12 or newer" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$python" -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check VapourSynth==81
venv/bin/python - <<'EOF'
import pathlib, subprocess, sys, warnings
import vapoursynth as vs

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("VapourSynth", vs.__version__, "Python", sys.version.split()[0])
black = vs.core.std.BlankClip(width=64, height=64, format=vs.GRAY8, color=[16], length=1)
seen = {}
for name in ("_ColorRange", "_Range"):
    for value in (0, 1):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            clip = black.std.SetFrameProps(**{name: value})
        frame = clip.resize.Bilinear(format=vs.GRAYS).get_frame(0)
        kept = {k: int(v) for k, v in frame.props.items() if k in ("_ColorRange", "_Range")}
        seen[name, value] = round(frame[0][0, 0], 3), kept, [str(w.message) for w in said]
for value, numbers in ((0, (0.063, 0.0)), (1, (0.0, 0.063))):
    pair = tuple(seen[name, value][0] for name in ("_ColorRange", "_Range"))
    show(f"Y 16 in float with _ColorRange and with _Range of {value}", "the same number twice", pair, pair == numbers)
    kept = seen["_ColorRange", value][1]
    show(f"property of the frame after _ColorRange {value}", {"_Range": value}, kept, kept == {"_Range": 1 - value})
warning = " ".join(seen["_ColorRange", 0][2])
show("the warning names the inversion", "yes", repr(warning), warning.endswith("use _Range instead"))
show("warnings for _Range", [], seen["_Range", 0][2], seen["_Range", 0][2] == [])
open("full.c", "w").write(
    '#include "VSConstants4.h"\n#include <stdio.h>\nint main(void) { printf("%d", VSC_RANGE_FULL); return 0; }\n'
)
include = pathlib.Path(vs.__file__).parent / "include"
include = include if include.is_dir() else pathlib.Path(vs.__file__).parent / "vapoursynth" / "include"
full = []
for options in ([], ["-DVS_USE_API_42"]):
    subprocess.run(["gcc-12", f"-I{include}", "full.c", "-o", "full", *options], check=True)
    full.append(int(subprocess.run(["./full"], capture_output=True, check=True).stdout))
show("VSC_RANGE_FULL without and with VS_USE_API_42", [0, 0], full, full == [0, 1])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
