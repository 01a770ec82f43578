#!/usr/bin/env bash
# Installs the other engines (once, about 3 GB, mostly CUDA libraries that torch's wheel depends on and that are not used)
# and times them beside slimscale. Arguments go to run.py. PEERS_VENV names the engines' folder, if it is not in build/.
source "$(dirname "${BASH_SOURCE[0]}")/../../tools/common.sh"

here=$root/bench/peers
engines=${PEERS_VENV:-$build/peers-venv}
stamp=$engines/requirements.txt

if ! cmp --silent "$here/requirements.txt" "$stamp"; then
    say "Installing $(grep -v '^#' "$here/requirements.txt" | paste -sd' ') into $engines"
    run_logged "$build/logs/peers-venv.log" "no virtual environment; install python3-venv" \
        "${PYTHON:-/usr/bin/python3}" -m venv "$engines"
    run_logged "$build/logs/peers-pip.log" "pip failed; check the network and pip's settings (pip config list)" \
        "$engines/bin/python" -m pip install --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$stamp"
fi

exec "$engines/bin/python" "$here/run.py" "$@"
