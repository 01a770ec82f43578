#!/usr/bin/env bash
# CMake leaves twelve words unquoted in a custom command with VERBATIM: a lone ">" redirects, a lone "&&" starts another
# command.
#
# Guess: "All arguments to the commands will be escaped properly for the build tool so that the invoked command receives
#   each argument unchanged" (its manual), so the three arguments 3 ">" 2 arrive as three.
# What happens: The shell gets echo 3 > 2, and a file "2" is written. Quoting in CMakeLists.txt changes nothing, and a
#   value from a variable or a list is treated alike. Words of which that holds: < > << >> | || && &> 1>&2 2>&1 2> and
#   1> . Others are arguments: ">2", "2>>", ">=", ";", "&". add_test hands on all of them unchanged.
# Versions: cmake 3.25.1, ninja-build 1.11.1, make 4.3 (Debian 12); cmake 4.4.4 of PyPI writes the same
# Why it matters: A comparison, a separator or a user's option that is such a word makes an empty file, or runs the next
#   word as a program. Redirection works only as a word of its own: "2>>log" is an argument where "2> log" is none.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs cmake 3.25.1
needs make 4.3
needs ninja-build 1.11.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(words NONE)
file(WRITE ${CMAKE_BINARY_DIR}/input "")
set(word_1 "<")
set(word_2 ">")
set(word_3 ">>")
set(word_4 "2>")
set(word_5 "&&")
set(word_6 "|")
set(word_7 "2>&1")
set(word_8 "2>>")
set(word_9 ">=")
set(word_10 ">input")
set(word_11 "&")
set(word_12 "$HOME")
enable_testing()
foreach(n RANGE 1 12)
    add_custom_target(word_${n} COMMAND ./arguments "a" "${word_${n}}" "./input" VERBATIM)
    add_test(NAME word_${n} COMMAND ./arguments "a" "${word_${n}}" "./input")
endforeach()
EOF
words=("<" ">" ">>" "2>" "&&" "|" "2>&1" "2>>" ">=" ">input" "&" "\$HOME")
stated=([1] [1] [1] [1] [1] [1] [2] [3] [3] [3] [3] [3])
changed=0
for generator in "Unix Makefiles" Ninja; do
    rm -rf build
    /usr/bin/cmake -G "$generator" -S . -B build > /dev/null
    printf '#!/bin/sh\necho "$#" >> counted\n' > build/arguments
    printf '#!/bin/sh\ncat > /dev/null\n' > build/input
    chmod +x build/arguments build/input
    for n in {1..12}; do
        : > build/counted
        /usr/bin/cmake --build build --target "word_$n" > /dev/null 2>&1
        built=$(cat build/counted)
        : > build/counted
        (cd build && ctest -Q -R "^word_$n\$")
        tested=$(cat build/counted)
        printf '#!/bin/sh\ncat > /dev/null\n' > build/input
        want=${stated[n - 1]//[^0-9]/}
        echo "$generator, a \"${words[n - 1]}\" ./input"
        echo "  expected: 3 arguments"
        echo "  seen:     $built (add_test: $tested)"
        [ "$built $tested" = "$want 3" ] || { echo "  no longer as stated"; changed=1; }
    done
done
exit "$changed"
