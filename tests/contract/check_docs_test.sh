#!/usr/bin/env bash
# Tries tools/check_docs.py on a small tree: a correct page passes, and every kind of wrong name is reported.
#
# usage: tests/contract/check_docs_test.sh
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/check_docs.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
git init -q .
mkdir tools code pages
cp "$script" tools/
echo 'all:' >Makefile
echo 'int main; // pages/page.md: --known "configured"' >code/main.c

cat >pages/page.md <<'END'
# A page, `code` and [link](page.md)
[itself](#a-page-code-and-link), [a file](../code/main.c), [the web](https://example.com/nowhere).
`code/main.c`, `main.c`, `make all JOBS=2`, `tool --known`, `--configured`, `build/result.bin`, `input/output`
END
cat >code/README.md <<'END'
| file | holds |
|---|---|
| `main`, `main.*` | the program |
END
printf '\n    %s\n' "$(cd pages && sha256sum ../code/main.c)" >>pages/page.md
git add .
tools/check_docs.py

cat >pages/wrong.md <<'END'
[a file](../code/gone.c) [a heading](page.md#gone)
`code/gone.h` `gone.cpp` `make gone`

    tool --gone
    0000000000000000000000000000000000000000000000000000000000000000  page.md
END
echo '// pages/gone.md' >code/other.c
echo '| `lost` | nothing |' >>code/README.md
git add .
found=$(tools/check_docs.py || true)
diff <(echo "$found") - <<'END'
code/README.md: no file below code is called lost
pages/wrong.md: the link ../code/gone.c leads nowhere
pages/wrong.md: the link page.md#gone names a heading that is not there
pages/wrong.md: page.md has another SHA-256, or is not there
pages/wrong.md: there is no file or folder code/gone.h
pages/wrong.md: there is no file or folder gone.cpp
pages/wrong.md: make has no target gone
pages/wrong.md: no source spells the option --gone
code/other.c: there is no page pages/gone.md
END
