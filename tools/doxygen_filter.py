#!/usr/bin/env python3
"""Doxygen's input filter (docs/Doxyfile): the headers' plain comments become its own.

usage: tools/doxygen_filter.py HEADER > FILTERED

A comment above a declaration, or behind one on its line, documents it. A line `// ---- Title ----` begins a topic, and a
comment that no declaration follows belongs to the topic it stands in; the file's first one is the main page. Names of the
API are links: one that nothing declares is a warning of Doxygen's, so that no comment names what is gone.
"""
import re
import sys
from pathlib import Path

HEADERS = sorted((Path(__file__).resolve().parent.parent / "runtime/include/slimscale").glob("slimscale.h*"))
TITLE = re.compile(r"// -{4} ?(.*?) ?-*$")
COMMENT = re.compile(r"\s*//(?!/) ?(.*)$")
TRAILING = re.compile(r'((?:[^"/]|"[^"]*"|/(?!/))*\S)(\s*)// ?(.*)$')
PAIR = re.compile(r"( *)((?:\w+ )*\w+) (\w+), (\w+);( *)$")
SIZE = "    size_t size;"
NAME = re.compile(r"\b(slimscale_[a-z0-9_]+|SLIMSCALE_[A-Z0-9_]+)\b(\(\))?")


def linked(match):
    name = match.group(1)
    if name.startswith("slimscale_model_") and name not in DECLARED:
        return match.group(0)  # of archives
    if name.isupper():
        return match.group(0) if name.endswith("_") else "#" + name
    if name not in DECLARED:
        return "@ref " + name
    return name + "()" if name in FUNCTIONS and not match.string.startswith("(", match.end()) else name


def marked(text):
    """Text as Doxygen reads it. Indented lines are code."""
    if text.startswith("    "):
        return text
    text = re.sub(r"([\\@<>#%])", r"\\\1", text)
    text = re.sub(r"(?<![*\w])\*(?=\w)", r"\\*", text)  # *count is a pointer's target
    # The brief sentence ends at the first full stop, for Doxygen 1.9.4 also where that stands inside of the bold
    # (findings/doxygen-brief-ends-inside-code.sh).
    text = re.sub(r"\*\*(.+?)(\.?)\*\*", r"<b>\1</b>\2", text)
    return NAME.sub(linked, text)


def declared():
    code = "\n".join(re.sub(r"//.*", "", header.read_text(encoding="utf-8")) for header in HEADERS)
    return set(re.findall(r"\bslimscale_\w+", code)), set(re.findall(r"\b(slimscale_[a-z0-9_]+)\(", code))


DECLARED, FUNCTIONS = declared()


class Filter:
    def __init__(self, lines, is_main):
        self.lines = lines
        self.head = ["/// @file", "", "/// @mainpage slimscale", "///"] if is_main else ["/// @file"]
        self.topic = None

    def block(self, lines, declaration_follows, first):
        """A comment of whole lines."""
        title = TITLE.match(lines[0].strip())
        if title:
            yield from self.begin(title.group(1))
            lines = lines[1:]
        indent = re.match(r"\s*", lines[0]).group(0) if lines else ""
        texts = [f"{indent}/// {marked(COMMENT.match(line).group(1))}".rstrip() for line in lines]
        texts = [text for text in texts if not re.fullmatch(r"/// -+", text)]
        if first:
            yield from [*self.head, *texts]
        elif texts and not declaration_follows and self.topic:
            yield from ["/// @}", "", f"/// @addtogroup {self.topic}", "///", *texts, "/// @{"]
        else:
            yield from texts

    def begin(self, title):
        if self.topic:
            yield from ["/// @}", ""]
        self.topic = re.sub(r"\W+", "_", title.lower())
        yield from [f"/// @defgroup {self.topic} {title}", "/// @{"]

    def filtered(self):
        i, first, trailing = 0, True, None
        while i < len(self.lines):
            line = self.lines[i]
            whole, behind = COMMENT.match(line), TRAILING.match(line)
            if whole and trailing == line.index("//"):  # more of the one behind the line before
                yield " " * trailing + "///< " + marked(whole.group(1))
                i += 1
                continue
            trailing = None
            if whole:
                end = i
                while end < len(self.lines) and COMMENT.match(self.lines[end]):
                    end += 1
                follows = end < len(self.lines) and self.lines[end].strip() != ""
                yield from self.block(self.lines[i:end], follows, first)
                first, i = False, end
                continue
            if behind:
                trailing = line.index("//", len(behind.group(1)))
                text = marked(behind.group(3))
                line = behind.group(1) + behind.group(2) + "///< " + text
                pair = PAIR.match(behind.group(1))
                if pair:  # of two members
                    line = "{0}{1} {2}; /**< {4} */ {1} {3}; /**< {4} */".format(*pair.groups()[:4], text)
            elif line.startswith(SIZE):
                line += "  ///< Bytes of this struct: one of the rules that hold for every function."
            if self.topic and line.startswith(("#ifdef __cplusplus", "#endif")):
                yield from ["/// @}", ""]
                self.topic = None
            yield line
            i += 1


def main():
    header = Path(sys.argv[1])
    lines = header.read_text(encoding="utf-8").splitlines()
    print("\n".join(Filter(lines, header.suffix == ".h").filtered()))


if __name__ == "__main__":
    main()
