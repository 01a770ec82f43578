#!/usr/bin/env bash
# llvm-mca computes Apple M1 to M4 as Apple A7, and Zen 5 as Zen 4, without a word.
#
# Guess: A name that -mcpu takes has a scheduling model of that core (or of a close one), and an unknown one is
#   refused.
# What happens: apple-m1, apple-m4 and apple-a17 give the output of apple-a7 (Cyclone, 2013: 6 wide, two vector
#   units), byte for byte. cortex-x1 gives that of cortex-a57 (2012), graniterapids that of sapphirerapids, znver5
#   that of znver4. LLVM 14 computes neoverse-v1 as cortex-a57, LLVM 19 as itself.
# Versions: llvm-14 14.0.6 and llvm-19 19.1.7 (Debian 12)
# Why it matters: Kernels for which no machine is at hand are judged with this tool. M1 to M4 have four vector
#   units: a share of this model's peak is a share of half of the machine's.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs llvm-14 1:14.0.
needs llvm-19 1:19.1.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'fmla v%d.4s, v1.4s, v2.4s\n' 16 17 18 19 > "$work/arm.s"
echo 'ldr q6, [x0], #16' >> "$work/arm.s"
printf 'vfmadd231ps %%zmm0, %%zmm1, %%zmm%d\n' 2 3 4 5 > "$work/x86.s"
changed=0
same() {  # tool, triple, file, two cores, expected, stated
    a=$("$1" -mtriple="$2" -mcpu="$4" "$work/$3")
    b=$("$1" -mtriple="$2" -mcpu="$5" "$work/$3")
    if [ "$a" = "$b" ]; then seen=equal; else seen=different; fi
    numbers=$(sed -n 's/^Dispatch Width: */width /p; s/^Block RThroughput: */cycles /p' <<< "$a" | paste -sd, -)
    echo "$1 $4 and $5"
    echo "  expected: $6"
    echo "  seen:     $seen ($numbers)"
    [ "$seen" = "$7" ] || { echo "  no longer as stated"; changed=1; }
}
arm() { same "$1" aarch64 arm.s "$2" "$3" "$4" "$5"; }
x86() { same "$1" x86_64 x86.s "$2" "$3" "$4" "$5"; }
arm llvm-mca-19 apple-m1 apple-a7 different equal
arm llvm-mca-19 apple-m4 apple-a7 different equal
arm llvm-mca-19 apple-a17 apple-a7 different equal
arm llvm-mca-19 cortex-x1 cortex-a57 different equal
arm llvm-mca-14 neoverse-v1 cortex-a57 different equal
arm llvm-mca-19 neoverse-v1 cortex-a57 different different
x86 llvm-mca-19 znver5 znver4 different equal
x86 llvm-mca-19 graniterapids sapphirerapids different equal
exit "$changed"
