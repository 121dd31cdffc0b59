"""Every dependency has a reason and a licence that anybody may accept, and the pages say both."""

import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playing import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from licences import ALLOWED, PAGE, direct, libraries, licence_of, page, parts, tools

REASONS = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()


def test_the_page_is_up_to_date() -> None:
    """What is installed here stands there with its licence; `make licences` writes it anew.

    Another version of Python may need less, so that the page may have rows more.
    """
    written = PAGE.read_text("utf-8")
    rows = [line for line in page(libraries(), []).splitlines() if line not in written.splitlines()]
    assert [] == rows


def test_the_tools_stand_there_too() -> None:
    """Those that are installed here, each with a licence that is known."""
    written = PAGE.read_text("utf-8")
    assert [] == [row for row in tools() if f"| {row.name} | {row.licence} |" not in written]
    assert [] == [row for row in tools() if row.licence == "unknown"]
    assert not set(tools()) & set(libraries())


@pytest.mark.parametrize("row", libraries(), ids=lambda row: row.name)
def test_every_licence_may_be_accepted(row: object) -> None:
    """Permissive, or one that only obliges whoever changes the library."""
    licence: str = row.licence  # type: ignore[attr-defined]
    assert [] == [part for part in parts(licence) if part not in ALLOWED]


@pytest.mark.parametrize(
    "requirement",
    [each for group in direct().values() for each in group],
    ids=lambda each: each.name,
)
def test_every_dependency_has_a_reason(requirement: Requirement) -> None:
    """docs/dependencies.md has a word on each, those for work on this project included."""
    names = {requirement.name.lower(), canonicalize_name(requirement.name)}
    if requirement.name.startswith("types-"):
        names.add("type stubs")
    found = [name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w])", REASONS)]
    assert found


@pytest.mark.parametrize(
    ("licence", "told"),
    [
        ("MIT", {"License-Expression": "MIT"}),
        (
            "MPL-2.0",
            {"Classifier": "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)"},
        ),
        ("Apache-2.0", {"License": "Apache-2.0\nlong text"}),
        ("unknown", {}),
    ],
)
def test_where_a_licence_is_told(licence: str, told: dict[str, str]) -> None:
    """Distributions say it in three ways."""
    from email.message import Message

    metadata: Message[str, str] = Message()
    for name, value in told.items():
        metadata[name] = value.partition("\n")[0]
    assert licence == licence_of(metadata)
