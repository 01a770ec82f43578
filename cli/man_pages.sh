#!/usr/bin/env bash
# Manual pages of the command-line tool, by help2man from its own help: slimscale.1, and one for each command.
#
# usage: cli/man_pages.sh TOOL OUT
set -euo pipefail
tool=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=$("$tool" --version | cut -d' ' -f2)

# help2man runs a program of the page's name. It wants a space between an option's names, and a paragraph for each example.
page() {
    local name=$1
    shift
    {
        echo '#!/bin/sh'
        printf '%q ' "$tool" "$@" --help
        cat <<'END'
| sed -E -e 's/^(  -[a-z]),--/\1, --/' -e 's/^Positionals:/Arguments:/' | awk '
    /^[^ ]/ { examples = /^Examples:/ }
    !examples || !/^ / { print; next }
    sub(/ *\\$/, " ") { begun = $0; next }
    { print ""; sub(/^ +/, begun == "" ? "  " : ""); sub(/   +/, " # "); print begun $0; begun = "" }'
END
    } >"$name"
    chmod +x "$name"
    help2man --no-info --version-string="$version" --name="$("$tool" "$@" --help | sed -n 1p)" --output="$out/$name.1" "./$name"
}

rm -f "$out"/slimscale*.1
page slimscale
"$tool" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\).*/\1/p' | while read -r command; do
    page "slimscale-$command" "$command"
done
