#!/usr/bin/env bash
# Holds the recipes of CONTRIBUTING.md against the tree: an example of each kind, named in the recipe's first line, must be
# named by exactly the files that the recipe lists, and by no more than may be.
#
# usage: tools/recipes.sh
#
# Tests, pages and comments of other files are not counted: a word in a comment is no file to touch. What counts is code,
# and the words that stand for the example there are given below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    echo "[SKIP] the tree is no git checkout: nothing says which files belong to it"
    exit 0
fi

failed=0

# The paths that the recipe of CONTRIBUTING.md lists.
listed() { # <kind> <example>
    sed -n "/^<!-- recipe: $1 $2 -->\$/,/^<!-- end of recipe -->\$/s/^- \`\([^\`]*\)\`.*/\1/p" CONTRIBUTING.md | sort
}

# The files of the tree whose code, without comments, has a match.
named() { # <extended regular expression> <pathspec>...
    local expression=$1 file
    shift
    git grep -lE "$expression" -- "$@" ':!tests' ':!docs' ':!*.md' ':!tools/recipes.sh' | while read -r file; do
        if sed -E 's@(^|[[:space:]])(//|#[^a-z"]).*@@' "$file" | grep -qE "$expression"; then
            echo "$file"
        fi
    done | sort
}

check() { # <kind> <example> <most files> <extended regular expression> <pathspec>...
    local kind=$1 example=$2 most=$3 recipe found
    recipe=$(listed "$kind" "$example")
    found=$(named "${@:4}")
    if [ -z "$recipe" ]; then
        echo "CONTRIBUTING.md has no recipe: $kind $example" >&2
        failed=1
        return
    fi
    if [ "$recipe" != "$found" ]; then
        echo "The recipe for a $kind lies: CONTRIBUTING.md (<) lists other files than name $example (>)" >&2
        diff <(echo "$recipe") <(echo "$found") | grep '^[<>]' >&2 || true
        failed=1
    fi
    local count
    count=$(echo "$found" | wc -l)
    if [ "$count" -gt "$most" ]; then
        echo "A $kind touches $count files, more than $most" >&2
        failed=1
    fi
    echo "$kind $example: $count files of at most $most"
}

# As a word, in function names and in upper case.
check block attend 7 '(^|[^a-zA-Z])(run_)?(attend|Attend|ATTEND)([^a-zA-Z]|$)' .
# In code: the word in a help text, as an example, is none.
# Examples in headers that users read are none, nor is the flag of a compiler ("avx512f").
check target avx512 5 '(^|[^a-z0-9])avx512([^0-9f]|$)' '*.h' '*.cpp' '*.inc' '*.def' '*.txt' '*.cmake' ':!runtime/include'
# The family's own name. Readers of other programs' files, and the recipe of a published training, are about one network.
check network edsr 3 '(^|[^a-zA-Z0-9_"-])edsr\(|\(edsr,|Family::edsr|"edsr"' '*.h' '*.cpp' '*.inc' ':!weights/import*' ':!trainer'
exit $failed
