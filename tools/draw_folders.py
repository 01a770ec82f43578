#!/usr/bin/env python3
"""Draws docs/folders.svg: the folders of the tree and the arrows between them, from the build graph.

usage: tools/draw_folders.py [--check] [BUILD]

BUILD (build/) is a configured tree: CMake writes its graph there on every run (cmake_file_api in CMakeLists.txt). Drawing
needs Graphviz's dot; --check, which `make test` runs, only compares the arrows of the picture with the graph's.

    link     a target of the first folder links a target of the second
    include  a source of the first includes a header of the second, which it links neither directly nor through others
    run      the build of the first runs a program of the second
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "folders.svg"
LEFT_OUT = {".", "python", "tests"}  # tests use everything; python/ is built only if asked for
LIBRARIES = {"Halide::Halide": "Halide", "CLI11::CLI11": "CLI11", "nlohmann_json::nlohmann_json": "JSON", "PNG::PNG": "libpng",
             "JPEG::JPEG": "libjpeg", "ZLIB::ZLIB": "zlib", "torch_cpu": "LibTorch"}
STYLE = """<style>
svg { background: #ffffff } text { fill: #1f2328; font-family: sans-serif } text + text { fill: #59636e }
.node polygon, .node path { fill: #f6f8fa; stroke: #59636e }
.edge path { stroke: #59636e } .edge polygon { stroke: #59636e; fill: #59636e }
.implied path { stroke: #c8ced5 } .implied polygon { stroke: #c8ced5; fill: #c8ced5 }
.include path { stroke: #0969da; stroke-dasharray: 5 3 } .include polygon { stroke: #0969da; fill: #0969da }
.run path { stroke: #bc4c00; stroke-dasharray: 2 3 } .run polygon { stroke: #bc4c00; fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117 } text { fill: #f0f6fc } text + text { fill: #9198a1 }
.node polygon, .node path { fill: #151b23; stroke: #9198a1 }
.edge path { stroke: #9198a1 } .edge polygon { stroke: #9198a1; fill: #9198a1 }
.implied path { stroke: #3d444d } .implied polygon { stroke: #3d444d; fill: #3d444d }
.include path { stroke: #4493f8 } .include polygon { stroke: #4493f8; fill: #4493f8 }
.run path { stroke: #f0883e } .run polygon { stroke: #f0883e; fill: #f0883e }
}
</style>"""


def read_targets(build):
    reply = build / ".cmake" / "api" / "v1" / "reply"
    indices = sorted(reply.glob("index-*.json"))
    if not indices:
        sys.exit(f"{reply} is empty; configure the build first: cmake --preset release")
    objects = json.loads(indices[-1].read_text())["objects"]
    model = json.loads((reply / next(o["jsonFile"] for o in objects if o["kind"] == "codemodel")).read_text())
    configuration = model["configurations"][0]
    if "abstractTargets" not in configuration:
        sys.exit("this CMake does not write which targets link which; use build/venv/bin/cmake")
    listed = configuration["targets"] + configuration["abstractTargets"]
    return {t["id"]: json.loads((reply / t["jsonFile"]).read_text()) for t in listed}


def folder_of(target):
    return target["paths"]["source"].split("/")[0]


def read_graph(build):
    """Arrows as {(from, to): kind}, and for each folder the third-party libraries that it links."""
    targets = read_targets(build)
    ours = [t for t in targets.values() if not t.get("imported")]
    folders = {folder_of(t) for t in ours} - LEFT_OUT
    arrows, libraries = {}, {folder: set() for folder in folders}
    for target in ours:
        folder = folder_of(target)
        for link in target.get("linkLibraries", []) + target.get("interfaceLinkLibraries", []):
            other = targets.get(link.get("id"), {"imported": True, "name": link.get("fragment")})
            if not other.get("imported"):
                arrows[folder, folder_of(other)] = "link"
            elif folder in folders and other["name"] in LIBRARIES:
                libraries[folder].add(LIBRARIES[other["name"]])
    for target in ours:
        for dependency in target.get("dependencies", []) + target.get("orderDependencies", []):
            if targets[dependency["id"]]["type"] == "EXECUTABLE":
                arrows.setdefault((folder_of(target), folder_of(targets[dependency["id"]])), "run")
    linked = reachable(arrows)
    lines = subprocess.run(["git", "grep", "-oE", '^#include "[a-z0-9_]+/'], cwd=ROOT, capture_output=True, check=True)
    for path, other in re.findall(r'^([a-z]+)/[^:]*:#include "([a-z0-9_]+)/', lines.stdout.decode(), re.M):
        if other in folders and other not in linked.get(path, ()):
            arrows[path, other] = "include"
    kept = {(a, b): kind for (a, b), kind in arrows.items() if a != b and a in folders and b in folders}
    return kept, libraries


def reachable(arrows):
    """For each folder, the folders that its targets link, directly or through others."""
    links = {}
    for (a, b), kind in arrows.items():
        if kind == "link":
            links.setdefault(a, set()).add(b)
    below = {folder: set(others) for folder, others in links.items()}
    for _ in below:
        for others in below.values():
            others |= {d for c in list(others) for d in links.get(c, ())}
    return below


def implied(arrows):
    """The links that other links imply."""
    below = reachable(arrows)
    links = [arrow for arrow, kind in arrows.items() if kind == "link"]
    return {(a, b) for a, b in links if any(d == a and c != b and b in below.get(c, ()) for d, c in links)}


def draw(arrows, libraries):
    lines = ['digraph folders { rankdir=TB; nodesep=0.3; ranksep=0.55; bgcolor="transparent";',
             'node [shape=box style=rounded fontname="sans-serif" fontsize=15 margin="0.16,0.07"]; edge [arrowsize=0.7];']
    for folder in sorted(libraries):
        small = f'<br/><font point-size="10">{", ".join(sorted(libraries[folder]))}</font>' if libraries[folder] else ""
        lines.append(f"{folder} [label=<{folder}/{small}>];")
    gray = implied(arrows)
    for (a, b), kind in sorted(arrows.items()):
        shape = f'class="{kind}{" implied" if (a, b) in gray else ""}"' + (" constraint=false" if kind == "run" else "")
        lines.append(f"{a} -> {b} [{shape}];")
    svg = subprocess.run(["dot", "-Tsvg"], input="\n".join(lines + ["}"]), capture_output=True, text=True, check=True).stdout
    svg = re.sub(r"<!--.*?-->\n?|<!DOCTYPE[^>]*>\n?", "", svg, flags=re.S)
    PICTURE.write_text(re.sub(r"(<svg[^>]*>)", lambda head: head[1] + "\n" + STYLE, svg, count=1))


def drawn():
    found = re.findall(r'class="edge (\w+)[^"]*">\s*<title>(\w+)&#45;&gt;(\w+)</title>', PICTURE.read_text())
    return {(a, b): kind for kind, a, b in found}


def main():
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        return print("[SKIP] the tree is no git checkout: nothing says which files belong to it")
    names = [argument for argument in sys.argv[1:] if argument != "--check"]
    arrows, libraries = read_graph(Path(names[0]) if names else ROOT / "build")
    if "--check" not in sys.argv:
        draw(arrows, libraries)
        return 0
    if "trainer" not in libraries:
        print("[SKIP] this build has no trainer (no LibTorch): its arrows are not known")
        return 0
    wrong = sorted(set(arrows.items()) ^ set(drawn().items()))
    for (a, b), kind in wrong:
        side = "the build has, and docs/folders.svg lacks," if arrows.get((a, b)) == kind else "docs/folders.svg alone has"
        print(f"{side} the arrow {a} -> {b} ({kind}); draw it again: tools/draw_folders.py (needs Debian's graphviz)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
