#!/usr/bin/env bash
# Compares the recipes of CONTRIBUTING.md with the tree: exactly the files that a recipe lists must name its example, which
# the recipe's first line names, and there may be only so many.
#
# usage: tools/recipes.sh
#
# Only code counts: tests, pages, and comments in other files do not. The calls of check() below say which words in code name
# the example.
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

# The files of the tree whose code, without comments, matches.
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

# In the expression, @ stands for the example, @^ for the example in upper case, @' for it with a capital.
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

# A block's name counts as a word, in function names and in upper case.
check block 7 "(^|[^a-zA-Z])(run_)?(@|@'|@^)([^a-zA-Z]|\$)" .
# Examples in headers for users do not count, nor does a compiler's flag that has an "f" after the name.
check target 5 '(^|[^a-z0-9])@([^0-9f]|$)' '*.h' '*.cpp' '*.inc' '*.def' '*.txt' '*.cmake' ':!runtime/include'
# Where graphs are walked: the enumerator, the builder's function, the word in graph.h and in names.
check node 11 "Op::@([^a-z_]|\$)|Value (Builder::)?@\\(|^ +@,|\"@\"" networks trainer python
# The family's name counts. Readers of other programs' files, and the settings of a published training, may name one network.
check network 3 '(^|[^a-zA-Z0-9_"-])@\(|\(@,|Family::@|"@"' '*.h' '*.cpp' '*.inc' ':!weights/import*' ':!trainer'
exit $failed
