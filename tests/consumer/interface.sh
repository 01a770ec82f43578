#!/usr/bin/env bash
# What an installation shows to users' compilers and linkers: headers that are C99 and C++11, slimscale.hpp C++11
# alone, without a warning, included once and twice; archives that define slimscale_* alone, a model's its one function.
#
# usage: interface.sh PREFIX
set -euo pipefail
prefix=$1
warnings=(-Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only -I "$prefix/include" -x)
failed=0
fail() {
    echo "$*"
    failed=1
}

compiles() { # <header> <compiler and its standard...>
    local header=$1
    shift
    printf '#include <%s>\n#include <%s>\nint none(void);\n' "$header" "$header" |
        "$@" - || fail "$header: $*"
}
compilers=("${CC:-cc}")
command -v clang >/dev/null && compilers+=(clang)
headers=$(cd "$prefix/include" && find . -name '*.h*' | sed 's@^\./@@')
[ "$(wc -w <<<"$headers")" -ge 3 ] || fail "headers: $headers"
for compiler in "${compilers[@]}"; do
    for header in $headers; do
        case $header in
        *.h)
            compiles "$header" "$compiler" -std=c99 -Wstrict-prototypes "${warnings[@]}" c
            compiles "$header" "$compiler" -std=c++11 "${warnings[@]}" c++
            ;;
        *) compiles "$header" "$compiler" -std=c++11 "${warnings[@]}" c++ ;;
        esac
    done
done

archives=$(find "$prefix" -name 'lib*.a')
[ "$(wc -w <<<"$archives")" -ge 2 ] || fail "archives: $archives"
for archive in $archives; do
    name=$(basename "$archive" .a)
    name=${name#lib}
    symbols=$(nm --format=posix --extern-only --defined-only "$archive" | awk 'NF > 1 { print $1 }')
    case $name in
    slimscale) foreign=$(grep -v '^slimscale_' <<<"$symbols" || true) ;;
    *) foreign=$(grep -vx "$name" <<<"$symbols" || true) ;;
    esac
    [ -n "$symbols" ] || fail "$archive defines nothing"
    [ -z "$foreign" ] || fail "$archive also defines:" "$foreign"
done
exit $failed
