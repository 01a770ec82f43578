#!/bin/sh
# Replaces `slimscale_generate model`: writes an archive that knows its name and widths, its header, and its line in the list.
set -eu
[ "$1" = model ] || exit 1
shift
name='' list=''
while [ $# -gt 0 ]; do
    case $1 in
    --model) name=${name:-$(basename "$2" .safetensors)} ;;
    --name) name=$2 ;;
    --widths) widths=$2 ;;
    --out) out=$2 ;;
    --register) list=$2 ;;
    esac
    shift 2
done
mkdir -p "$out"
echo "static const char text[64] = \"$name $widths\";
const void *slimscale_model_$name(void);
const void *slimscale_model_$name(void) { return text; }" >"$out/model.c"
cc -c "$out/model.c" -o "$out/model.o"
rm -f "$out/libslimscale_model_$name.a"
ar rc "$out/libslimscale_model_$name.a" "$out/model.o"
echo "#include <slimscale/slimscale.h>
extern \"C\" const slimscale_model *slimscale_model_$name(void);" >"$out/slimscale_model_$name.h"
rm "$out/model.c" "$out/model.o"
[ -n "$list" ] || exit 0
touch "$list"
{
    grep -v "^$name " "$list" || true
    echo "$name $out/libslimscale_model_$name.a"
} >"$list.new"
mv "$list.new" "$list"
