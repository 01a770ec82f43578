#!/bin/sh
# usage: pkg_config.sh PREFIX SOURCES WORK     builds and runs the consumer with a plain compiler call
set -eu
rm -rf "$3"
mkdir -p "$3"
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name slimscale.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # flags are words
"${CC:-cc}" -std=c99 -Wall -Wextra -Werror $(pkg-config --cflags slimscale) "$2/upscale.c" -o "$3/upscale" \
    -lslimscale_model_carn_m_x2 $(pkg-config --libs slimscale)
"$3/upscale"
