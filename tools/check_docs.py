#!/usr/bin/env python3
"""Checks that what the pages of the tree name exists in it.

usage: tools/check_docs.py

Checked are, in every Markdown file, relative links with their anchors, files and folders, targets of make, options, and
SHA-256 sums of files beside it; in every other file, the pages that it names. Results of a build are ignored.
"""
import hashlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATH = re.compile(r"[\w.@-]+(?:/[\w.@-]+)*/?")
SOURCE = re.compile(r"[\w-]+\.(?:h|c|cpp|cu|inc|def|py|sh|cmake)")
# Names of files that programs write or packages install: some source must contain them.
WRITTEN = re.compile(r"[\w-]+\.(?:hpp|js|md|txt|json|toml|html|csv|safetensors)")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
FOREIGN_OPTIONS = {"--nproc-per-node", "--no-python"}  # torchrun's


def anchors(text):
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ +(.*)$", FENCE.sub("", text), re.M)
    words = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in words}


class Tree:
    def __init__(self):
        listed = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
        self.files = {name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()}
        self.folders = {str(parent) for name in self.files for parent in Path(name).parents} - {"."}
        self.names = {Path(name).name for name in self.files}
        contents = {name: (ROOT / name).read_bytes() for name in self.files}
        self.texts = {name: data.decode("utf-8", "replace") for name, data in contents.items() if b"\0" not in data}
        self.code = "\n".join(text for name, text in self.texts.items() if not name.endswith(".md"))
        self.targets = set(re.findall(r"^([a-z-]+):", self.texts["Makefile"], re.M))
        # The trainer's options are named without their dashes, as keys of its configuration.
        self.options = set(re.findall(r"--[a-z][a-z0-9-]*", self.code)) | FOREIGN_OPTIONS
        self.options |= {"--" + name for name in re.findall(r'"([a-z][a-z0-9-]*)"', self.code)}

    def has(self, path, page):
        """Whether a path, from the root or from its page's folder, exists; true for what cannot be a path of the tree."""
        path = path.rstrip("/")
        if "/" not in path:
            return path in self.names or not SOURCE.fullmatch(path) and (not WRITTEN.fullmatch(path) or path in self.code)
        folder, first = Path(page).parent, path.split("/")[0]
        if {path, str(folder / path)} & (self.files | self.folders) or path.startswith("build/"):
            return True
        return first not in self.folders and str(folder / first) not in self.folders


def faults_of_page(tree, page):
    text = tree.texts[page]
    prose = FENCE.sub("", text)
    inline = re.findall(r"`([^`\n]+)`", prose)
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists():
            yield f"the link {link} leads nowhere"
        elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"the link {link} names a heading that is not there"
    for digest, name in re.findall(r"^ {4}([0-9a-f]{64}) {2}(\S+)$", text, re.M):
        file = (ROOT / page).parent / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{name} has another SHA-256, or is not there"
    for code in inline:
        if PATH.fullmatch(code) and not tree.has(code, page):
            yield f"there is no file or folder {code}"
    for rows in re.findall(r"^\| (?:file|script) \|.*\n\|[-|]+\n((?:\|.*\n?)+)", text, re.M):
        for name in re.findall(r"`(\w+)(?:\.\*)?`", "\n".join(row.split("|")[1] for row in rows.splitlines())):
            if not any(Path(file).stem == name for file in tree.files if Path(page).parent in Path(file).parents):
                yield f"no file below {Path(page).parent} is called {name}"
    for code in inline + re.findall(r"^(?: {4}|\t)(.*)$", prose, re.M) + "".join(FENCE.findall(text)).split("\n"):
        for words in re.findall(r"(?:^|[;&(]) *make((?: +[a-z][a-z-]*)+)(?=$|[\s;&)])(?!=)", code.split(" #")[0].strip()):
            yield from (f"make has no target {target}" for target in words.split() if target not in tree.targets)
        for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", code):
            if option not in tree.options:
                yield f"no source spells the option {option}"


def main():
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        return print("[SKIP] the tree is no git checkout: nothing says which files belong to it")
    tree = Tree()
    pages = sorted(name for name in tree.texts if name.endswith(".md"))
    faults = [f"{page}: {fault}" for page in pages for fault in faults_of_page(tree, page)]
    for name in sorted(set(tree.texts) - set(pages)):
        named = re.findall(r"(?<![\w/.-])((?:[\w-]+/)+[\w-]+\.md)\b|(docs/decisions/\d+)", tree.texts[name])
        for page in (page or record for page, record in named):
            if not (tree.has(page, name) or any(file.startswith(page + "-") for file in tree.files)):
                faults.append(f"{name}: there is no page {page}")
    print("\n".join(faults) if faults else f"{len(pages)} pages name nothing that is not there")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
