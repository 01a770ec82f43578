#!/usr/bin/env bash
# An example is less than 100 lines of C or C++, and examples/README.md has a row for each.
#
# usage: length.sh FOLDER
set -euo pipefail
failed=0
for file in "$1"/*.c "$1"/*.cpp; do
    lines=$(wc -l <"$file")
    [ "$lines" -lt 100 ] || { echo "$file has $lines lines"; failed=1; }
    grep -qF "| \`$(basename "$file")\` |" "$1/README.md" || { echo "README.md has no row for $file"; failed=1; }
done
exit $failed
