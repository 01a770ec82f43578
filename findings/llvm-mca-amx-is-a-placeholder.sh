#!/usr/bin/env bash
# llvm-mca's numbers for AMX tile products are placeholders: four a cycle, 100 cycles of latency.
#
# Guess: With -mcpu=sapphirerapids tdpbf16ps has a throughput of one in 16 cycles and a latency of 52, on port 5, as
#   Intel publishes.
# What happens: LLVM 19 gives 0.25 cycles on four integer ports (64 times too fast) and a latency of 100, and the
#   same for the int8 products; processors without AMX (skylake-avx512) accept the instruction with the same
#   numbers.
# Versions: llvm-19 19.1.7 (Debian 12)
# Why it matters: An AMX loop looks bound by its loads, and a choice of tile blocking made from this tool is a
#   choice made from noise. Measure AMX on the machine.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs llvm-19 1:19.1.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
changed=0
for instruction in tdpbf16ps tdpbssd tdpbusd; do
    echo "$instruction %tmm0, %tmm1, %tmm2" > "$work/tile.s"
    for cpu in sapphirerapids graniterapids skylake-avx512; do
        seen=$(llvm-mca-19 -mtriple=x86_64 -mcpu="$cpu" "$work/tile.s" |
               awk '$NF == "%tmm2" && $1 == 1 && !n++ { print $2, $3 }')
        echo "$instruction on $cpu, latency and cycles each"
        echo "  expected: 52 16 (skylake-avx512: refused)"
        echo "  seen:     $seen"
        [ "$seen" = "100 0.25" ] || { echo "  no longer as stated"; changed=1; }
    done
done
exit "$changed"
