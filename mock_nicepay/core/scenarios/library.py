"""The scenarios that have a name: the ready-made ones, and those given at start."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.reader import read_file, read_text, read_value
from mock_nicepay.resources import folder


def ready_made_files() -> dict[str, Path]:
    """The files of the ready-made scenarios, by name."""
    return {path.stem: path for path in sorted(folder("scenarios").glob("*.yaml"))}


class Library:
    """The scenarios of one sandbox. One given at start hides a ready-made one of the same name."""

    def __init__(self, given: Iterable[str] = ()) -> None:
        """`given` are names of ready-made scenarios, or files.

        Raises `Misuse` for an unknown name and `ScenarioError` for a text with mistakes.
        """
        self.given = tuple(map(_given, given))
        self._read = {scenario.name: scenario for scenario in self.given}

    def find(self, name: str) -> Scenario:
        """The scenario of that name. Raises `Misuse` (404), which names the nearest, when there is none."""
        if name not in self._read:
            files = ready_made_files()
            if name not in files:
                raise _unknown(name, [*self._read, *files])
            self._read[name] = read_file(files[name])
        return self._read[name]

    def ready_made(self) -> list[Scenario]:
        """The ready-made scenarios, ordered by name."""
        return [self.find(name) for name in ready_made_files()]

    def read(self, source: object) -> Scenario:
        """A scenario from its name, its text, its file, its Python form, or `{"name": ...}`.

        Raises `Misuse` for an unknown name and `ScenarioError` for a text with mistakes.
        """
        if isinstance(source, Scenario):
            return source
        if isinstance(source, Mapping):
            return self.find(str(source["name"])) if set(source) == {"name"} else read_value(source)
        if isinstance(source, Path):
            return read_file(source)
        text = str(source)
        return read_text(text) if "\n" in text or ":" in text else self.find(text.strip())


def _given(source: str) -> Scenario:
    """A scenario of the command line: the name of a ready-made one wins over a file of that name."""
    files = ready_made_files()
    if source in files:
        return read_file(files[source])
    path = Path(source)
    if path.suffix or "/" in source or path.exists():
        return read_file(path)
    raise _unknown(source, files)


def _unknown(name: str, known: Iterable[str]) -> Misuse:
    hint = " ".join((did_you_mean(name, known), "`mock-nicepay scenarios` lists them")).strip()
    return Misuse(f"there is no scenario {name[:100]!r}; {hint}", 404)
