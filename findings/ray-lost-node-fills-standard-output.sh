#!/usr/bin/env bash
# Ray prints log lines of a lost node into the standard output of a driver that asked for none.
#
# Guess: ray.init(log_to_driver=False, logging_level="ERROR") leaves standard output to the program; what Ray has to
#   say goes to its logging, on standard error.
# What happens: print() of tasks is kept away, but when a node of the cluster goes without taking leave, the driver's
#   standard output gets "(raylet) ..." with the last 20 lines of that node's log, and coloured by control characters
#   although it is no terminal. Standard error stays empty. A node that leaves properly causes none of it.
# Versions: ray 2.60.0
# Why it matters: A driver that writes its result there (a report in JSON, a list of files, a picture in a pipe) hands
#   on a damaged one when a machine of the cluster is lost, with which the work itself copes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check --only-binary :all: ray==2.60.0
cat > driver.py <<'EOF'
"""Two nodes on this machine; one task on each; one node is taken away."""
import sys, time
import ray
from ray.cluster_utils import Cluster

small = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args={**small, "temp_dir": sys.argv[1]})
node = cluster.add_node(**small, resources={"far": 1})
ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")

@ray.remote
def task(number):
    print("a line of a task")
    return number * number

print("result:", ray.get([task.remote(7), task.options(resources={"far": 1}).remote(8)]), flush=True)
cluster.remove_node(node, allow_graceful=False)
for _ in range(60):
    if not all(n["Alive"] for n in ray.nodes()):
        break
    time.sleep(1)
time.sleep(10)
print("result:", ray.get(task.remote(9)), flush=True)
ray.shutdown()
cluster.shutdown()
EOF
venv/bin/python - <<'EOF'
import os, re, subprocess, sys

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
print("Ray", subprocess.run(["venv/bin/ray", "--version"], capture_output=True, text=True).stdout.split()[-1])
command = ["venv/bin/python", "driver.py", os.path.abspath("ray")]
done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=300)
lines = done.stdout.splitlines()
own = [line for line in lines if line.startswith("result:")]
others = [line for line in lines if line and not line.startswith("result:")]
for line in others[:6]:
    print("   ", repr(line[:100]))
show("results", ["result: [49, 64]", "result: 81"], own, own == ["result: [49, 64]", "result: 81"])
show("lines printed by tasks", 0, sum("a line of a task" in x for x in others), "a line of a task" not in done.stdout)
show("other lines in standard output", 0, len(others), len(others) >= 10)
logged = sum("(raylet)" in line for line in others)
show("of these, with (raylet)", 0, logged, logged > 0)
coloured = len(re.findall("\x1b\\[", done.stdout))
show("control characters for colours", 0, coloured, coloured > 0)
show("lines in standard error", "any", len(done.stderr.splitlines()), not done.stderr.strip())
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
