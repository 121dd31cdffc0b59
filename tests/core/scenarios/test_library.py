"""The scenarios that can be asked for by name, and every form a scenario is taken in."""

import json
from pathlib import Path
from typing import Any

import pytest

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.language import ScenarioError
from mock_nicepay.core.scenarios.library import Library, ready_made_files
from mock_nicepay.resources import folder

MINE: dict[str, Any] = {"version": 1, "name": "mine", "rules": []}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario's file."""
    file = tmp_path / "some.json"
    file.write_text(json.dumps(MINE), "utf-8")
    return file


def test_the_ready_made_are_the_folder() -> None:
    """Every file, by its name."""
    files = sorted(folder("scenarios").glob("*.yaml"))

    assert {file.stem: file for file in files} == ready_made_files()
    assert list(ready_made_files()) == [each.name for each in Library().ready_made()]


def test_a_scenario_is_taken_in_every_form(file: Path) -> None:
    """Python, JSON, YAML, a file, a name, a name in an object, one that was read before."""
    library = Library([str(file)])
    forms: list[object] = [
        MINE,
        json.dumps(MINE),
        "version: 1\nname: mine\nrules: []\n",
        file,
        "mine",
        " mine ",
        {"name": "mine"},
        library.find("mine"),
    ]

    assert ["mine"] * len(forms) == [library.read(form).name for form in forms]


@pytest.mark.parametrize(
    ("expected", "source"),
    [
        ("there is no scenario 'sucess'; did you mean success? ", "sucess"),
        ("there is no scenario 'sucess'; did you mean success? ", {"name": "sucess"}),
        ("there is no scenario 'zzzzzz'", "zzzzzz"),
        ("there is no scenario ''", ""),
        ("there is no scenario '5'", {"name": 5}),
    ],
)
def test_an_unknown_name_has_a_neighbour(expected: str, source: object) -> None:
    """Status 404, and where to find the names."""
    with pytest.raises(Misuse) as unknown:
        Library().read(source)

    assert unknown.value.message.startswith(expected)
    assert unknown.value.message.endswith("`mock-nicepay scenarios` lists them")
    assert 404 == unknown.value.status


def test_given_ones_are_known_by_their_names(file: Path, tmp_path: Path) -> None:
    """In their order; one of a ready-made name hides that one."""
    hiding = tmp_path / "hiding.json"
    hiding.write_text(json.dumps({**MINE, "name": "success"}), "utf-8")
    library = Library([str(file), "gateway-502", str(hiding)])

    assert ["mine", "gateway-502", "success"] == [each.name for each in library.given]
    assert str(hiding) == library.find("success").file
    assert str(hiding) in {each.file for each in library.ready_made()}


@pytest.mark.parametrize("given", ["absent.yaml", "./absent"])
def test_what_looks_like_a_path_is_a_file(given: str) -> None:
    """And must be there."""
    with pytest.raises(ScenarioError, match=r"absent.*:1:1: there is no such file"):
        Library([given])


def test_a_given_name_has_a_neighbour() -> None:
    """As one that is asked for later."""
    with pytest.raises(Misuse) as unknown:
        Library(["sucess"])

    assert "did you mean success?" in unknown.value.message
