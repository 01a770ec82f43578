#!/usr/bin/env bash
# libjpeg-turbo's message codes depend on the order of two includes.
#
# Guess: <jerror.h> and <jpeglib.h> can be included in either order: each compiles alone or behind the other, and
#   JWRN_BOGUS_ICC is one number.
# What happens: jerror.h drops codes by macros of jconfig.h, which jpeglib.h brings. In front of jpeglib.h it leaves two
#   out (JERR_NO_ARITH_TABLE, JWRN_ARITH_BAD_CODE), without an error, and those behind them move: JWRN_BOGUS_ICC is 125
#   instead of 127, and the library's text of 125 is that of an arithmetic table.
# Versions: libjpeg62-turbo-dev 2.1.5 (Debian 12), gcc 12.2
# Why it matters: An error handler that compares msg_code with JWRN_BOGUS_ICC (a damaged colour profile) misses it and
#   takes another message for it. Tools that sort includes by name put jerror.h first.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs libjpeg62-turbo-dev 1:2.1.5
needs gcc-12 12.2.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > codes.c <<'EOF'
struct jpeg_error_mgr errors;
int main(void) {
    jpeg_std_error(&errors);
    printf("%d %s\n", CODE, errors.jpeg_message_table[CODE]);
    return 0;
}
EOF
changed=0
show() {  # code, expected, stated if jerror.h is first
    for order in "jpeglib.h jerror.h" "jerror.h jpeglib.h"; do
        { echo "#include <stdio.h>"; printf '#include <%s>\n' $order; cat codes.c; } > program.c
        gcc-12 -Wall -Wextra -Werror -D "CODE=$1" program.c -o program -ljpeg
        seen=$(./program)
        printf '%s, %s\n  expected: %s\n  seen:     %s\n' "$1" "$order" "$2" "$seen"
        stated=$3
        [ "${order%% *}" = jerror.h ] || stated=$2
        [ "$seen" = "$stated" ] || { echo "  no longer as stated"; changed=1; }
    done
}
echo "order of includes as named"
show JWRN_BOGUS_PROGRESSION "115 Inconsistent progression sequence for component %d coefficient %d" \
    "115 Inconsistent progression sequence for component %d coefficient %d"
show JERR_BAD_CROP_SPEC "124 Invalid crop request" "124 Invalid crop request"
show JERR_BAD_DROP_SAMPLING "128 Component index %d: mismatching sampling ratio %d:%d, %d:%d, %c" \
    "126 Corrupt JPEG data: bad arithmetic code"
show JWRN_BOGUS_ICC "127 Corrupt JPEG data: bad ICC marker" "125 Arithmetic table 0x%02x was not defined"
exit "$changed"
