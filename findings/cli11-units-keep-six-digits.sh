#!/usr/bin/env bash
# CLI11's AsNumberWithUnit rounds numbers with a unit to six digits: 1G is 1073740000, not 1073741824.
#
# Guess: transform(CLI::AsNumberWithUnit(map of double)) multiplies in double and hands the double on.
# What happens: A transform returns text, and the product becomes text with six digits: 33.3333333ms is 33.3333,
#   1234567ms 1234570, 1G (a map of 1024 to the third power) 1073740000. Without a unit all digits stay, and with a map
#   of integers too.
# Versions: libcli11-dev 2.1.2 (Debian 12), g++ 12.2
# Why it matters: A limit of memory or a frame time typed with its unit differs from the same number typed without,
#   and a test with round numbers (250ms, 2s) does not show it.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs libcli11-dev 2.1.2
needs g++-12 12.2.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > units.cpp <<'EOF'
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
int main(int argc, char** argv) {
    CLI::App app;
    double milliseconds = 0, memory = 0;
    std::uint64_t integer = 0;
    app.add_option("--time", milliseconds)
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"ms", 1.0}, {"s", 1000.0}}));
    app.add_option("--memory", memory)
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"m", 1048576.0}, {"g", 1073741824.0}}));
    app.add_option("--integer", integer)
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::uint64_t>{{"g", 1073741824}}));
    CLI11_PARSE(app, argc, argv);
    std::printf("%.15g\n", milliseconds + memory + static_cast<double>(integer));
}
EOF
g++-12 -std=c++17 -O0 units.cpp -o units
changed=0
show() {  # option, value, what one would expect, what is stated
    seen=$(./units "$1" "$2")
    printf '%s %s\n  expected: %s\n  seen:     %s\n' "$1" "$2" "$3" "$seen"
    [ "$seen" = "$4" ] || { echo "  no longer as stated"; changed=1; }
}
show --time 33.3333333ms 33.3333333 33.3333
show --time 33.3333333 33.3333333 33.3333333
show --time 1234567ms 1234567 1234570
show --time 250ms 250 250
show --time 0.0333333333s 33.3333333 33.3333
show --memory 1g 1073741824 1073740000
show --memory 1073741824 1073741824 1073741824
show --integer 1g 1073741824 1073741824
exit "$changed"
