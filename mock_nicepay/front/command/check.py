"""The command `check`: looks for mistakes in scenario files."""

from collections.abc import Sequence
from pathlib import Path

import click

from mock_nicepay.core.scenarios.language import Problem, ScenarioError
from mock_nicepay.core.scenarios.reader import read_file
from mock_nicepay.front.terminal import one_line

MISTAKES = 1
_SUFFIXES = (".yaml", ".yml", ".json")


def check(paths: Sequence[str]) -> int:
    """Print each mistake with its place. Returns 1 if there is any, else 0.

    Directories are searched for scenario files, including their subdirectories.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    for path in map(Path, paths):
        found = _files_below(path) if path.is_dir() else [path]
        files += found
        if not found:  # a mistyped directory must not let a build pass
            problems.append(
                Problem(
                    str(path), 1, 1, f"there is no {', '.join(_SUFFIXES)} file in this directory"
                )
            )
    files = list(dict.fromkeys(files))
    for file in files:
        problems += _problems(file)
    for problem in problems:
        click.echo(one_line(str(problem)))
    if problems:
        return MISTAKES
    click.echo(f"{len(files)} scenario{'s' if len(files) > 1 else ''}, no mistakes")
    return 0


def _files_below(directory: Path) -> list[Path]:
    found = (path for path in directory.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return sorted(path for path in found if not _hidden(path.relative_to(directory)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _problems(file: Path) -> list[Problem]:
    try:
        read_file(file)
    except ScenarioError as error:
        return error.problems
    return []
