#!/usr/bin/env bash
# Linking GCC's libraries statically makes a wheel's manylinux tag newer: 2_36 and 2_35 instead of 2_24.
#
# Guess: A module with libstdc++ and libgcc inside needs less of the machine, so auditwheel gives it the same tag or an
#   older one.
# What happens: One extension module that throws and catches a C++ exception is manylinux_2_24 as linked by default.
#   -static-libgcc makes it 2_35 (the unwinder inside calls _dl_find_object of glibc 2.35, and pthread_once of 2.34),
#   -static-libstdc++ 2_36 (arc4random of glibc 2.36): the archives were built for the glibc beside them, and the
#   symbols that a shared libstdc++.so.6 or libgcc_s.so.1 would ask for become the module's own.
# Versions: auditwheel 6.8.2, g++ 12.2 with glibc 2.36 (Debian 12)
# Why it matters: A common remedy for portable wheels takes Ubuntu 20.04, RHEL 8 and 9 and their like away, and pip
#   there falls back to the source package or finds nothing.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs g++-12 12.2.
needs libc6-dev 2.36-
needs binutils 2.40-
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check auditwheel==6.8.2
cat > halves.cpp <<'EOF'
#include <Python.h>
#include <stdexcept>
static PyObject* half(PyObject*, PyObject* number) {
    try {
        const long value = PyLong_AsLong(number);
        if (value % 2) throw std::runtime_error("odd");
        return PyLong_FromLong(value / 2);
    } catch (const std::exception& error) {
        PyErr_SetString(PyExc_ValueError, error.what());
        return nullptr;
    }
}
static PyMethodDef methods[] = {{"half", half, METH_O, nullptr}, {}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "halves", nullptr, -1, methods};
PyMODINIT_FUNC PyInit_halves() { return PyModule_Create(&definition); }
EOF
venv/bin/python - <<'EOF'
import platform, re, subprocess, sys, sysconfig, zipfile
from importlib.metadata import version

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

if platform.machine() != "x86_64":
    print("made for x86_64", file=sys.stderr)
    sys.exit(2)
print("auditwheel", version("auditwheel"))
python = f"cp{sys.version_info.major}{sys.version_info.minor}"
module = "halves" + sysconfig.get_config_var("EXT_SUFFIX")
wheel = f"halves-1.0-{python}-{python}-linux_x86_64.whl"
include = sysconfig.get_path("include", vars={"installed_base": sys.base_prefix})

def tag_of(*options):
    """The tag that auditwheel gives the module linked with `options`, and its symbols of glibc 2.34 or newer."""
    subprocess.run(
        ["g++-12", "-O2", "-shared", "-fPIC", f"-I{include}", "halves.cpp", "-o", module, *options], check=True
    )
    works = "import halves\ntry: halves.half(3)\nexcept ValueError: print(halves.half(4))"
    assert subprocess.run([sys.executable, "-c", works], capture_output=True, check=True).stdout == b"2\n"
    entries = {
        "halves-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: halves\nVersion: 1.0\n",
        "halves-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: false\n"
        f"Tag: {python}-{python}-linux_x86_64\n",
    }
    record = "".join(f"{name},,\n" for name in [module, *entries, "halves-1.0.dist-info/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(module)
        for name, text in {**entries, "halves-1.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    said = subprocess.run(["venv/bin/auditwheel", "show", wheel], capture_output=True, text=True, check=True).stdout
    symbols = subprocess.run(["objdump", "-T", module], capture_output=True, text=True, check=True).stdout
    new = sorted(set(re.findall(r"GLIBC_2\.3[4-9]\)\s+(\w+)", symbols)))
    return re.search(r'platform tag:\s+"(\w+)"', said)[1], new

default = tag_of()
show("as linked by default", "the highest of the three", default, default == ("manylinux_2_24_x86_64", []))
for option, tag, symbol in (
    ("-static-libgcc", "manylinux_2_35_x86_64", "_dl_find_object"),
    ("-static-libstdc++", "manylinux_2_36_x86_64", "arc4random"),
):
    seen = tag_of(option)
    show(f"with {option}", f"{default[0]} or older", seen, seen[0] == tag and symbol in seen[1])
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
