"""Writes docs/licences.md: the licence of everything that an installation brings along.

    python tools/licences.py [FILE]

Read from the metadata of what is installed here, for the requirements in setup.cfg and those of its
extras that users install, and from there on to their own requirements.
"""

import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licences.md"
OURS = ("dev", "bench")  # extras for whoever works on this project
# Licences named in words, and the ones they mean.
_MEANT = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Zope Public License": "ZPL-2.1",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
# Their metadata tell nothing, and the file beside them does.
_UNTOLD = {"axe-playwright-python": "MIT"}
# All of them may be used by anybody in anything. The last two oblige whoever changes the library
# itself, which nobody does here.
ALLOWED = (
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "PSF-2.0"),
    *("CNRI-Python", "Zlib", "Unlicense", "CC0-1.0"),
    *("MPL-2.0", "LGPL-3.0-only"),
)

HEAD = """# Licences

mock-nicepay itself is under the MIT licence.
This is what an installation brings along, with its extras for users; `make licences` writes the page anew from the metadata of what is installed, and a test holds it to that.
Everything here may be used by anybody in anything. MPL and LGPL oblige whoever changes the library itself, which nobody does here.

| library | licence | wanted by |
|---|---|---|
"""
BETWEEN = """
## For work on this project

What tests, measurements and checks use (the extras `dev` and `bench`). None of it is part of an installation, is imported by the package or shipped with it.

| library | licence | wanted by |
|---|---|---|
"""
TAIL = """
## In the package

In the package itself lies htmx 2.0.10 (Zero-Clause BSD), unchanged, with its licence beside it.
"""


class Library(NamedTuple):
    """One row."""

    name: str
    licence: str
    wanted_by: str


def direct() -> dict[str, list[Requirement]]:
    """The requirements in setup.cfg: those of every installation under "", and each extra's."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    given = {"": config["options"]["install_requires"], **config["options.extras_require"]}
    return {
        extra: [Requirement(line) for line in text.splitlines() if line.strip()]
        for extra, text in given.items()
    }


def libraries() -> list[Library]:
    """What an installation with all extras for users brings, by name."""
    return sorted(_brought({}, ours=False).values(), key=lambda each: each.name.lower())


def tools() -> list[Library]:
    """What work on this project needs beside it, by name."""
    users = _brought({}, ours=False)
    found = _brought(dict(users), ours=True)
    beside = (library for name, library in found.items() if name not in users)
    return sorted(beside, key=lambda each: each.name.lower())


def _brought(found: dict[str, Library], *, ours: bool) -> dict[str, Library]:
    for extra, requirements in direct().items():
        if (extra in OURS) is ours:
            wish = f"extra `{extra}`" if extra else "mock-nicepay"
            for requirement in requirements:
                _follow(requirement, wish, found)
    return found


def _follow(requirement: Requirement, wanted_by: str, found: dict[str, Library]) -> None:
    name = canonicalize_name(requirement.name)
    if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
        return
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return  # another system's
    found[name] = Library(metadata["Name"], licence_of(metadata), wanted_by)
    for line in metadata.get_all("Requires-Dist") or []:
        inner = Requirement(line)
        if _is_wanted(inner, requirement.extras):
            inner.marker = None
            _follow(inner, metadata["Name"], found)


def _is_wanted(inner: Requirement, extras: set[str]) -> bool:
    if inner.marker is None:
        return True
    return any(inner.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def licence_of(metadata: "Message[str, str]") -> str:
    """The licence as an SPDX expression, as far as the metadata tell."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [
        _MEANT.get(text, text)
        for line in metadata.get_all("Classifier") or []
        if (text := line.rpartition(" :: ")[2]) and line.startswith("License :: OSI Approved :: ")
    ]
    if classifiers:
        return " OR ".join(sorted(classifiers))
    if metadata["Name"] in _UNTOLD:
        return _UNTOLD[metadata["Name"]]
    text = str(metadata.get("License") or "").strip().partition("\n")[0]
    return _MEANT.get(text, text) or "unknown"


def parts(licence: str) -> Iterator[str]:
    """The licences in an expression."""
    yield from (part for part in re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", licence) if part)


def page(rows: list[Library], beside: list[Library]) -> str:
    """The whole page."""
    return f"{HEAD}{_lines(rows)}{BETWEEN}{_lines(beside)}{TAIL}"


def _lines(rows: list[Library]) -> str:
    return "".join(f"| {row.name} | {row.licence} | {row.wanted_by} |\n" for row in rows)


def main(target: Path) -> None:
    """Write the page."""
    target.write_text(page(libraries(), tools()), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE)
