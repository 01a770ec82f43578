#!/usr/bin/env bash
# Runs the ablation of docs/ablation.md: five ways to train a narrow width, at one budget, with three seeds each. Options
# given here override its settings; the data, a backbone for the contrast and images to measure on must be given.
#
# usage: tools/ablation.sh --data FOLDER --validate FOLDER --backbone FILE [OPTION...]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$root/tools/build.sh" slimscale_train
cd "$root"
exec "$build/bin/slimscale_train" ablation --seeds 1,2,3 --config "$root/tools/ablation.toml" --out "$build/ablation" "$@"
