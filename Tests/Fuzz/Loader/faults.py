#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes inputs of the loader's harness from Tests/SpecificationTests/Faults: the files that a fault changes, as a whole."""
import pathlib
import sys

tests = pathlib.Path("Tests/SpecificationTests")
output = pathlib.Path(sys.argv[1])
output.mkdir(parents=True, exist_ok=True)


def changed(section, lines):
    """The base's file with each block of '-' lines given way to the '+' lines after it."""
    text = (tests / "Base" / section).read_text()
    old, new = [], []
    for line in lines + [""]:
        if old and (line == "" or line.startswith("-") and new):
            text = text.replace("\n".join(old), "\n".join(new), 1)
            old, new = [], []
        if line.startswith("-"):
            old.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
    return text


for fault in sorted((tests / "Faults").glob("*.fault")):
    sections = {}
    for line in fault.read_text().splitlines()[1:]:
        if line.startswith("--- "):
            lines = sections.setdefault(line[4:], [])
        else:
            lines.append(line)
    for section in ["expect", "print"]:
        sections.pop(section, None)
    texts = [f"--- {name}\n{changed(name, lines)}" for name, lines in sections.items()]
    (output / fault.stem).write_text("".join(text if text.endswith("\n") else text + "\n" for text in texts))
for file in ["cryptoki.xml", "registry.xml", "headings.xml", "overlay.xml"]:
    (output / file).write_text(f"--- {file}\n" + (tests / "Base" / file).read_text())
small = pathlib.Path("Tests/Small")
(output / "small").write_text(
    "".join(f"--- {file}\n" + (small / file).read_text() for file in ["cryptoki.xml", "registry.xml", "headings.xml"]))
