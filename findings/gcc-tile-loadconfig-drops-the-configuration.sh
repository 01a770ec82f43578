#!/usr/bin/env bash
# GCC 12's _tile_loadconfig tells the compiler that it reads 8 of the configuration's 64 bytes: with optimization the
# rows and columns of the tiles are not written, and AMX runs with other shapes or faults.
#
# Guess: _tile_loadconfig(&config) reads the whole object, as Intel's guide says (64 bytes), so that a configuration
#   filled in just before it is complete.
# What happens: The intrinsic is an asm statement whose operand is one pointer wide, without "memory". A local
#   configuration whose address goes nowhere else keeps its first 8 bytes; the other stores are dead and go away from
#   -O1 or -O2 on. At -O0 all is written, so a debug build works. clang writes everything. A barrier helps:
#   asm volatile("" : : "m"(config)).
# Versions: g++-12 12.2.0 (Debian 12)
# Why it matters: Matrix kernels in intrinsics that work when their configuration is static or comes from another file
#   stop working, or compute with what lay on the stack, when it becomes a local variable.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs g++-12 12.2.0-
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/tiles.cpp" <<'EOF'
#include <immintrin.h>
#include <stdint.h>

struct Configuration {
    uint8_t palette, start, reserved[14];
    uint16_t bytes_of_a_row[16];
    uint8_t rows[16];
};

void configure() {
    Configuration configuration{};
    configuration.palette = 1;
    for (int tile = 0; tile < 8; tile++) {
        configuration.bytes_of_a_row[tile] = 48;
        configuration.rows[tile] = 12;
    }
#ifdef BARRIER
    asm volatile("" : : "m"(configuration));
#endif
    _tile_loadconfig(&configuration);
}
EOF
changed=0
# Compiles to assembly and says whether the numbers 48 and 12 get into memory before the instruction: as themselves,
# repeated in 32 or 64 bits, or from a constant beside the code.
check() {  # expected, options...
    expected=$1
    shift
    g++-12 -mamx-tile "$@" -S "$work/tiles.cpp" -o "$work/tiles.s"
    before=$(sed -n '/^_Z9configurev:/,/ldtilecfg/p' "$work/tiles.s")
    if grep -qE '\$(48|3145776|13511005043687472|12|202116108|868082074056920076)\b|\.LC[0-9]' <<<"$before"; then
        seen="rows and columns are written"
    else
        seen="rows and columns are missing"
    fi
    echo "g++-12 $*"
    echo "  expected: rows and columns are written"
    echo "  seen:     $seen"
    [ "$seen" = "rows and columns are $expected" ] || { echo "  no longer as stated"; changed=1; }
}
check written -O0
check missing -O2
check missing -O3
check written -O2 -DBARRIER
check written -O3 -DBARRIER
exit "$changed"
