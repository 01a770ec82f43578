#!/usr/bin/env bash
# The wheel of Python 3.12 and newer (tools/wheel.sh) has the tag of the stable ABI, and every such Python that is here
# installs it into a fresh environment and upscales with it. WHEEL_PYTHON, if it is one, builds it; else the first of PATH.
#
# usage: abi3_wheel_test.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
[ $# = 0 ] || { echo "usage: ${0##*/} (WHEEL_PYTHON names the Python that builds the wheel)" >&2; exit 2; }
unset PYTHONPATH PYTHONHOME

# Free-threaded builds have no stable ABI yet, and some distributions leave venv's half out.
fits='import ensurepip, sys, sysconfig, venv
sys.exit(sys.version_info < (3, 12) or bool(sysconfig.get_config_var("Py_GIL_DISABLED")))'
pythons=()
for name in ${WHEEL_PYTHON:+"$WHEEL_PYTHON"} python3.12 python3.13 python3.14 python3; do
    path=$(command -v "$name") && "$path" -c "$fits" 2>/dev/null || continue
    [[ " ${pythons[*]} " = *" $path "* ]] || pythons+=("$path")
done
[ ${#pythons[@]} -gt 0 ] || { echo "[SKIP] no Python 3.12 or newer with venv is here; WHEEL_PYTHON names one"; exit 0; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
WHEEL_PYTHON=${pythons[0]} "$root/tools/wheel.sh" | tee "$log"
wheel=$(sed -n 's/^== \(.*\.whl\): [0-9]* kB$/\1/p' "$log")
[[ $(basename "$wheel") = slimscale-*-cp312-abi3-manylinux_*.whl ]] ||
    { echo "the wheel of ${pythons[0]} is '$wheel', not slimscale-*-cp312-abi3-manylinux_*.whl" >&2; exit 1; }

for python in "${pythons[@]}"; do
    environment=$root/build/wheel/test-abi3
    rm -rf "$environment"
    "$python" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"
    "$environment/bin/python" -I - <<'END'
import sys

import numpy as np
import slimscale
from slimscale import _core

assert _core.__file__.startswith(sys.prefix) and _core.__file__.endswith(".abi3.so"), _core.__file__
large = slimscale.Upscaler("edsr_small_x2", channels=16).upscale(np.full((12, 16, 3), 128, np.uint8))
assert large.shape == (24, 32, 3) and large.dtype == np.uint8
assert np.abs(large[6:-6, 6:-6].astype(int) - 128).max() <= 4, large
print(f"Python {sys.version.split()[0]} upscales with {_core.__file__}")
END
done
