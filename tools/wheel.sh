#!/usr/bin/env bash
# Builds the Python wheel, build/wheels/slimscale-*.whl, and repairs it to a manylinux tag. It compiles the module alone;
# libraries and models are those of build/.
#
# usage: tools/wheel.sh [--test]
#        --test          also installs the wheel into a fresh environment and runs tests/python there
#        WHEEL_PYTHON    the Python that it is for (default: that of build/venv). From 3.12 on one wheel serves all versions
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

wheels=$build/wheels
python=${WHEEL_PYTHON:-$venv/bin/python}
tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])') || fail "$python is no Python"

# Another Python than build/venv's gets its own environment.
if [ "$python" != "$venv/bin/python" ]; then
    environment=$build/wheel/build-$tag
    [ -x "$environment/bin/auditwheel" ] || {
        say "Making a Python environment in ${environment#"$root/"}"
        run_logged "$build/logs/wheel-venv.log" "no environment for $python" "$python" -m venv --clear "$environment"
        run_logged "$build/logs/wheel-pip.log" "pip failed; check the network and pip's settings (pip config list)" \
            "$environment/bin/python" -m pip install --quiet --no-deps --requirement "$root/tools/requirements-wheel.txt"
    }
    python=$environment/bin/python
fi

"$root/tools/build.sh" slimscale_python_inputs
say "Building the wheel for $tag"
rm -rf "$build/wheel/raw"
run_logged "$build/logs/wheel.log" "building the wheel failed" \
    "$python" -m pip wheel --no-deps --no-build-isolation --wheel-dir "$build/wheel/raw" "$root/python"

# Repairs to the lowest manylinux that this machine's glibc allows, and puts libpng and libjpeg into the wheel.
raw=$(echo "$build"/wheel/raw/slimscale-*.whl)
rm -rf "$build/wheel/repaired"
PATH=$(dirname "$python"):$PATH run_logged "$build/logs/auditwheel.log" "auditwheel failed" \
    "$python" -m auditwheel repair --wheel-dir "$build/wheel/repaired" "$raw"
mkdir -p "$wheels"
wheel=$wheels/$(basename "$build"/wheel/repaired/slimscale-*.whl)
mv "$build"/wheel/repaired/slimscale-*.whl "$wheel"
bytes=$(stat --format=%s "$wheel")
[ "$bytes" -lt 30000000 ] || fail "$wheel has $bytes bytes; the limit is 30 MB"
say "$wheel: $((bytes / 1000)) kB"

[ "${1:-}" = --test ] || exit 0
environment=$build/wheel/test-$tag
say "Installing it into a fresh environment, ${environment#"$root/"}"
rm -rf "$environment"
run_logged "$build/logs/wheel-test-venv.log" "no environment for the tests" "$python" -m venv "$environment"
run_logged "$build/logs/wheel-test-pip.log" "pip failed; check the network and pip's settings (pip config list)" \
    "$environment/bin/python" -m pip install --quiet "$wheel" --requirement "$root/tools/requirements-wheel-test.txt"
say "Testing"
cd "$environment"  # away from the sources, so that the installed wheel is imported
PYTHONDONTWRITEBYTECODE=1 SLIMSCALE_TOOL=$build/bin/slimscale "$environment/bin/python" -m pytest -ra -p no:cacheprovider \
    --rootdir="$root/tests/python" "$root/tests/python"
