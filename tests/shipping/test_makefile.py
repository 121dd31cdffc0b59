"""The Makefile, as somebody meets it who has just cloned the project."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playing import ROOT

pytestmark = pytest.mark.slow

TEXT = (ROOT / "Makefile").read_text("utf-8")
# What other targets stand on, and nobody asks for.
INNER = {"help", "browser", "postgres"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a space in its name, and nothing in it but what make needs."""
    place = tmp_path / "my checkout"
    place.mkdir()
    for name in ("Makefile", "setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, place)
    return place


def make(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make there, with an empty home."""
    return subprocess.run(
        ["make", *arguments],
        cwd=place,
        env={"PATH": os.environ["PATH"], "HOME": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_names_every_target(checkout: Path) -> None:
    """Each with what it does, and how options are handed on; no comment of the file's own."""
    done = make(checkout)
    targets = re.findall(r"^\.PHONY: (.+)$", TEXT, re.MULTILINE)[0].split()

    assert (0, done.stdout) == (done.returncode, make(checkout, "help").stdout)
    assert set(targets) - INNER == set(re.findall(r"make (\w+)(?: {2,}\w)", done.stdout))
    assert "never skipped" not in done.stdout


@pytest.mark.parametrize("target", ["serve", "test", "quick", "check", "build", "bench"])
def test_a_python_that_will_not_do_is_told(target: str, checkout: Path) -> None:
    """In one line, with what would do; nothing is left that would be taken for an environment."""
    nothing_to_install = "CHROMIUM=here"
    done = make(checkout, target, "PYTHON=no-such-python", nothing_to_install)

    assert 2 == done.returncode
    assert "needs Python 3.11 or newer; no-such-python is none." in done.stderr
    assert not (checkout / ".venv" / ".python").exists()


def test_ci_runs_the_command_of_the_readme() -> None:
    """It can be executed, and a newcomer's command is its first."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert ["make test", "make check"] == re.findall(
        r"^make .+$", script.read_text("utf-8"), re.MULTILINE
    )
