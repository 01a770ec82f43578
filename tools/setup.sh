#!/usr/bin/env bash
# Installs what a command needs: Debian packages first, then the pinned Python tools in build/venv. What is already there is
# neither downloaded nor changed. apt's sources and pip's indexes are the user's settings.
#
# usage: tools/setup.sh build|train|gpu|wheel|test|fuzz|reference|coverage|format|tidy
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages_for() {
    local build_packages="g++ python3 python3-venv python3-dev libpng-dev libjpeg-dev zlib1g-dev libcli11-dev nlohmann-json3-dev libjs-chart.js opencl-c-headers libxxhash-dev help2man"
    local test_packages="catch2 doxygen libsdl2-dev libxml2-dev pkg-config g++-aarch64-linux-gnu qemu-user pocl-opencl-icd libvulkan1 mesa-vulkan-drivers libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-base gstreamer1.0-tools zsh fish"
    case $1 in
    build | train | gpu | wheel) echo "$build_packages" ;;
    test) echo "$build_packages $test_packages" ;;
    fuzz) echo "$build_packages $test_packages clang" ;;
    reference) echo "python3 python3-venv doxygen" ;;
    coverage) echo "$build_packages $test_packages gcovr" ;;
    format) echo "python3 python3-venv" ;;
    tidy) echo "$build_packages $test_packages clang-tidy" ;;
    *) fail "setup.sh knows build, train, gpu, wheel, test, fuzz, reference, coverage, format and tidy, not '$1'" ;;
    esac
}

is_installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_packages() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "packages are missing and there is no sudo; run as root: apt-get install ${missing[*]}"
        sudo=(sudo)
    fi
    say "Installing Debian packages: ${missing[*]}"
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --option DPkg::Lock::Timeout=120)
    run_logged "$build/logs/apt-update.log" "apt-get update failed; check the network and /etc/apt/sources.list" "${apt[@]}" update
    run_logged "$build/logs/apt-install.log" "installing failed; try: apt-get install ${missing[*]}" \
        "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"
}

# LibTorch is half a gigabyte and CUDA's assembler 40 MB, so only commands that use or test them install them.
requirements=()
add_requirements() {
    case $1 in format) ;; *) requirements+=("$root/tools/requirements.txt") ;; esac
    case $1 in format | test | fuzz | coverage) requirements+=("$root/tools/requirements-format.txt") ;; esac
    case $1 in train | test | fuzz | coverage | tidy) requirements+=("$root/tools/requirements-train.txt") ;; esac
    case $1 in wheel | test | fuzz) requirements+=("$root/tools/requirements-wheel.txt") ;; esac
    case $1 in gpu | test | fuzz | coverage | tidy) requirements+=("$root/tools/requirements-gpu.txt") ;; esac
}

pins() { grep --no-filename -v '^#' "${requirements[@]}"; }

# A package's .dist-info folder names its version, so no Python needs to start to see that all is installed.
has_pinned_tools() {
    local pin
    while read -r pin; do
        pin=${pin//-/_}
        compgen -G "$venv/lib/python3*/site-packages/${pin/==/-}.dist-info" >/dev/null || return 1
    done < <(pins)
}

install_python_tools() {
    # Debian's Python is named by its path: one of pyenv or conda on PATH may lack the headers that Halide's package needs.
    local python=${PYTHON:-/usr/bin/python3}
    ! { [ -x "$venv/bin/python" ] && has_pinned_tools; } || return 0
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ||
        fail "$python is no Python 3.9 or newer; install python3, or name one: make PYTHON=/path/to/python3"

    # Creating a venv over a complete or interrupted one only adds what it lacks.
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        say "Making a Python environment in build/venv"
        run_logged "$build/logs/venv.log" "no virtual environment; install python3-venv" "$python" -m venv "$venv"
    fi
    say "Installing $(pins | paste -sd' ') into build/venv"
    run_logged "$build/logs/pip.log" "pip failed; check the network and pip's settings (pip config list)" \
        "$venv/bin/python" -m pip install --quiet --no-deps "${requirements[@]/#/--requirement=}"
}

# VapourSynth's headers and core, 6 MB: its wheel is for a newer Python than Debian 12's, but neither needs any Python.
unpack_vapoursynth() {
    local folder=$venv/vapoursynth-81
    [ "$(uname -m)" = x86_64 ] && [ ! -f "$folder/vapoursynth/include/VapourSynth4.h" ] || return 0
    say "Unpacking VapourSynth 81 into build/venv"
    run_logged "$build/logs/vapoursynth.log" "VapourSynth's wheel could not be downloaded; check the network and pip's settings" \
        "$venv/bin/python" -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 \
        --platform manylinux_2_28_x86_64 --dest "$folder" vapoursynth==81
    "$venv/bin/python" -m zipfile -e "$folder"/*.whl "$folder"
}

what=${1:-build}
add_requirements "$what"
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2046  # one word per package
    install_packages $(packages_for "$what")
else
    say "No apt here: taking for granted what Debian calls $(packages_for "$what")"
fi
install_python_tools
case $what in test | fuzz | coverage | tidy) unpack_vapoursynth ;; esac
