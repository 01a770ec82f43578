#!/usr/bin/env bash
# What a shell offers at the tab key, asked of the shell itself with the script that the tool prints.
#
# usage: tests/cli/completion_test.sh bash|zsh|fish TOOL
# shellcheck disable=SC2016,SC2317  # texts for other shells; functions called by a name that is put together
set -euo pipefail
shell=$1
tool=$(realpath "$2")
command -v "$shell" >/dev/null || { echo "[SKIP] there is no $shell here"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/files" "$work/files/folder"
ln -s "$tool" "$work/bin/slimscale"
touch "$work/files/photo one.png"
"$tool" completion "$shell" >"$work/script"
export PATH=$work/bin:$PATH HOME=$work
cd "$work/files"

# offers_SHELL LINE: what stands at the end of the line completed, one a line.
offers_bash() {
    bash --norc --noprofile -c '
        source "$1"
        line=${2//=/ = }  # as readline splits it
        read -ra COMP_WORDS <<<"$line"
        [[ $2 == *" " || $2 == *= ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _slimscale
        printf "%s\n" "${COMPREPLY[@]}"' bash "$work/script" "$1"
}
offers_fish() { fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$work/script" "$1" | cut -f1 | sed 's/^--[a-z-]*=//'; }
# In a terminal of its own: zsh has no way to ask.
offers_zsh() {
    zsh -f -c '
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source $1"
        # Every match on a line of its own between marks, and nothing is put into the line.
        zpty -w shell "compadd() { local -a got; builtin compadd -O got \"\$@\"; print -rl -- \"<m>\"\${^got}\"</m>\"; builtin compadd \"\$@\" }"
        zpty -w shell "zstyle \":completion:*\" list-prompt \"\"; LISTMAX=10000; stty columns 1000; print REA\"\"DY"
        zpty -r shell all "*READY*"
        zpty -n -w shell "$2"$'"'"'\t'"'"'
        sleep 2
        zpty -n -w shell $'"'"'\C-u'"'"'"print DO\"\"NE"$'"'"'\n'"'"'
        zpty -r shell all "*DONE*"
        print -r -- "$all"' zsh "$work/script" "$1" | tr -d '\r' | grep -o '<m>[^<]*</m>' | sed 's/<[^>]*>//g'
}

failed=0
# check LINE WANTED... [! UNWANTED...]
check() {
    local line=$1 offers word wanted=1
    shift
    offers=$("offers_$shell" "$line" || true)
    for word in "$@"; do
        if [ "$word" = '!' ]; then
            wanted=0
            continue
        fi
        local found=0
        ! grep -qxF -e "$word" <<<"$offers" || found=1
        if [ "$found" != "$wanted" ]; then
            echo "$shell: at '$line' it offers: $(paste -sd' ' <<<"$offers"); $word: wanted $wanted, found $found"
            failed=1
        fi
    done
}

check 'slimscale ' upscale video info evaluate quantize profile completion '!' --model
check 'slimscale up' upscale '!' video
check 'slimscale upscale --' --model --compare --skip-existing --help '!' --headroom -m
check 'slimscale quantize --' --headroom '!' --compare
check 'slimscale upscale --format ' png jpeg jxl '!' --model
check 'slimscale upscale --format=j' jpeg jxl '!' png
check 'slimscale upscale -s ' 1 2 3 4
check 'slimscale upscale --model fake_' fake_x2 fake_x4 '!' raw_x2
check 'slimscale upscale --target ' auto fast baseline
check 'slimscale video --matrix ' 601 709 2020
check 'slimscale completion ' bash zsh fish
check 'slimscale upscale --quiet ph' 'photo one.png'
check 'slimscale upscale --compare ph' 'photo one.png'
exit $failed
