"""The command `check`."""

from pathlib import Path

import pytest

from mock_nicepay.front.command.cli import main

GOOD = "version: 1\nname: good\n"
BAD = "version: 1\nname: bad\nruels: []\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with good scenarios in `good/` and others beside it."""
    for name, text in {
        "good/b.yaml": GOOD,
        "good/a.yml": GOOD,
        "good/deep/c.json": '{"version": 1, "name": "c"}',
        "good/notes.txt": "no scenario",
        "good/.hidden/d.yaml": BAD,
        "bad/z.yaml": BAD,
        "bad/a.yaml": BAD,
        "empty/notes.txt": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("status", "starts", "paths"),
    [
        (0, ["1 scenario, no mistakes"], ["good/b.yaml"]),
        (0, ["3 scenarios, no mistakes"], ["good"]),
        (0, ["3 scenarios, no mistakes"], ["good", "good/b.yaml", "good/deep"]),
        (1, ["bad/z.yaml:3:1: "], ["bad/z.yaml"]),
        (1, ["bad/a.yaml:3:1: ", "bad/z.yaml:3:1: "], ["good", "bad"]),
        (1, ["good/.hidden/d.yaml:3:1: "], ["good/.hidden/d.yaml"]),
        (1, ["nowhere.yaml:1:1: there is no such file"], ["nowhere.yaml", "good"]),
        (1, ["empty:1:1: there is no .yaml, .yml, .json file in this directory"], ["empty"]),
        (1, ["a\\nb:1:1: there is no such file"], ["a\nb"]),
    ],
)
def test_checks(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    status: int,
    starts: list[str],
    paths: list[str],
) -> None:
    """Mistakes: a line with the place of each, and status 1. No mistake: a count, and status 0."""
    assert status == main(["check", *paths])

    lines = capsys.readouterr().out.splitlines()
    assert starts == [line[: len(start)] for line, start in zip(lines, starts, strict=True)]


def test_says_what_was_meant(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown key is reported with the nearest valid word."""
    main(["check", "bad/a.yaml"])

    assert "`rules`" in capsys.readouterr().out
