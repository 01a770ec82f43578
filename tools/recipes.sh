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

# The example of a kind, and the paths that its recipe lists.
example_of() { # <kind>
    sed -n "s/^<!-- recipe: $1 \([a-z0-9_]*\) -->\$/\1/p" CONTRIBUTING.md
}
listed() { # <kind>
    sed -n "/^<!-- recipe: $1 [a-z0-9_]* -->\$/,/^<!-- end of recipe -->\$/s/^- \`\([^\`]*\)\`.*/\1/p" CONTRIBUTING.md | sort
}

# The files of the tree whose code, without comments, has a match.
named() { # <extended regular expression> <pathspec>...
    local expression=$1 file
    shift
    git grep -lE "$expression" -- "$@" ':!tests' ':!docs' ':!*.md' | while read -r file; do
        # grep reads to the end: with -q it would close the pipe, and a killed sed counts as a failure (pipefail).
        if sed -E 's@(^|[[:space:]])(//|#[^a-z"]).*@@' "$file" | grep -E "$expression" >/dev/null; then
            echo "$file"
        fi
    done | sort
}

# In the expression @ stands for the example, @^ for it in upper case, @' with a capital.
check() { # <kind> <most files> <extended regular expression> <pathspec>...
    local kind=$1 most=$2 expression=$3 example recipe found count
    example=$(example_of "$kind")
    recipe=$(listed "$kind")
    if [ -z "$example" ] || [ -z "$recipe" ]; then
        echo "CONTRIBUTING.md has no recipe for a $kind" >&2
        failed=1
        return
    fi
    expression=${expression//@^/${example^^}}
    expression=${expression//@\'/${example^}}
    found=$(named "${expression//@/$example}" "${@:4}")
    if [ "$recipe" != "$found" ]; then
        echo "The recipe for a $kind lies: CONTRIBUTING.md (<) lists other files than name $example (>)" >&2
        diff <(echo "$recipe") <(echo "$found") | grep '^[<>]' >&2 || true
        failed=1
    fi
    count=$(echo "$found" | wc -l)
    if [ "$count" -gt "$most" ]; then
        echo "A $kind touches $count files, more than $most" >&2
        failed=1
    fi
    echo "$kind $example: $count files of at most $most"
}

# As a word, in function names and in upper case.
check block 7 "(^|[^a-zA-Z])(run_)?(@|@'|@^)([^a-zA-Z]|\$)" .
# Examples in headers that users read are none, nor is the flag of a compiler that has an "f" behind the name.
check target 5 '(^|[^a-z0-9])@([^0-9f]|$)' '*.h' '*.cpp' '*.inc' '*.def' '*.txt' '*.cmake' ':!runtime/include'
# The family's own name. Readers of other programs' files, and the recipe of a published training, are about one network.
check network 3 '(^|[^a-zA-Z0-9_"-])@\(|\(@,|Family::@|"@"' '*.h' '*.cpp' '*.inc' ':!weights/import*' ':!trainer'
exit $failed
