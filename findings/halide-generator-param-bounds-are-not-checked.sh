#!/usr/bin/env bash
# Halide takes any value for a GeneratorParam that has a smallest and a largest value.
#
# Guess: GeneratorParam<int>{"taps", 3, 1, 7} refuses 100 ("Value out of range", its header has), at least when
#   the value is typed on the generator's command line.
# What happens: taps=100 and taps=-5 are taken from the command line, by set_generatorparam_value and by set(), and a
#   default outside of the bounds is taken as well. GeneratorParam<uint8_t> takes 300 as 44. The check stands in a
#   function (set_impl) that none of the ways to set a value calls. Text that is no number is refused (3px, 7.9).
# Versions: halide 21.0.0 (PyPI), g++ 12.2
# Why it matters: A generator that leaves it to the bounds compiles pipelines for sizes that it was not written for: a
#   buffer of another size, a vector of 44, without a message.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs g++-12 12.2.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check --no-deps halide==21.0.0
halide=$(dirname "$(echo "$work"/venv/lib/python3*/site-packages/halide/lib64/libHalide.so)")
cat > taps.cpp <<'EOF'
#include <Halide.h>
#include <cstdio>
#include <cstdlib>
struct Taps : Halide::Generator<Taps> {
    GeneratorParam<int> taps{"taps", 3, 1, 7};
    GeneratorParam<float> gain{"gain", 1.0f, 0.0f, 2.0f};
    GeneratorParam<uint8_t> level{"level", 10, 0, 255};
    GeneratorParam<int> beyond{"beyond", 50, 1, 7};
    Output<Halide::Func> out{"out", Halide::Int(32), 1};
    void generate() {
        std::printf("taps %d, gain %g, level %d, beyond %d\n", int(taps), double(float(gain)), int(uint8_t(level)),
                    int(beyond));
        out(Halide::Var()) = int(taps);
    }
};
HALIDE_REGISTER_GENERATOR(Taps, taps)
int main(int argc, char **argv) {
    if (std::getenv("CALL") == nullptr)
        return Halide::Internal::generate_filter_main(argc, argv);
    const auto generator = Taps::create(Halide::GeneratorContext(Halide::get_host_target()));
    if (std::getenv("CALL")[0] == 't')
        generator->set_generatorparam_value("taps", "100");
    else
        generator->taps.set(100);
    generator->build_module("taps");
}
EOF
g++-12 -std=c++17 -O0 -I "$halide/../include" taps.cpp -o taps -L "$halide" -Wl,-rpath,"$halide" -lHalide
changed=0
show() {  # what, expected, stated, command
    what=$1 expected=$2 stated=$3
    shift 3
    seen=$({ "$@" 2>&1 || true; } | sed -n 's/.*Unable to parse.*/refused/p; s/.*out of range.*/refused/p; /^taps/p')
    printf '%s\n  expected: %s\n  seen:     %s\n' "$what" "$expected" "$seen"
    [ "$seen" = "$stated" ] || { echo "  no longer as stated"; changed=1; }
}
line() { show "command line: $1" "$2" "$3" ./taps -g taps -f taps -o . -e c_header target=host "$1"; }
line taps=7 "taps 7" "taps 7, gain 1, level 10, beyond 50"
line taps=100 refused "taps 100, gain 1, level 10, beyond 50"
line taps=-5 refused "taps -5, gain 1, level 10, beyond 50"
line gain=9 refused "taps 3, gain 9, level 10, beyond 50"
line level=300 refused "taps 3, gain 1, level 44, beyond 50"
line taps=3px refused refused
show 'set_generatorparam_value("taps", "100")' refused "taps 100, gain 1, level 10, beyond 50" env CALL=text ./taps
show "taps.set(100)" refused "taps 100, gain 1, level 10, beyond 50" env CALL=number ./taps
exit "$changed"
