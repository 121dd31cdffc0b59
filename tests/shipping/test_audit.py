"""`make audit` says what is known, and does not pass silence off as good news."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from playing import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from audit import audit

SOUND = {"name": "click", "version": "8.1.7", "vulns": []}
WEAK = {"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
HOPELESS = {"name": "sad", "version": "1", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
OURS = {"name": "mock-nicepay", "skip_reason": "distribution marked as editable"}
OFFLINE = "Failed to establish a new connection"


class Commands:
    """Stands for pip and pip-audit."""

    def __init__(self, installed: bool, pip: bool, found: list[Any] | None) -> None:
        self._installed, self._pip, self._found = installed, pip, found

    def __call__(self, words: Sequence[str]) -> "CompletedProcess[str]":
        """What they would do."""
        fine = self._pip if words[0] == "pip" else self._installed or words[-1] != "--version"
        if words[-1].endswith("found.json"):
            fine = self._found is not None
            if fine:
                Path(words[-1]).write_text(json.dumps({"dependencies": self._found}), "utf-8")
        return CompletedProcess(words, 0 if fine else 1, "", "" if fine else f"x\n{OFFLINE}\n")


@pytest.mark.parametrize(
    ("status", "told", "commands"),
    [
        (0, "1 libraries, 0 known weaknesses; not asked for: mock-nicepay", Commands(True, True, [SOUND, OURS])),
        (0, "0 known weaknesses; not asked for: none", Commands(False, True, [SOUND])),
        (1, "old 1: PYSEC-1, mended in 2", Commands(True, True, [SOUND, WEAK])),
        (1, "sad 1: PYSEC-2, mended in no version yet", Commands(True, True, [HOPELESS])),
        (2, "nothing has been looked at: the list knows none of what is installed", Commands(True, True, [OURS])),
        (2, "nothing has been looked at: pip-audit is not installed, and cannot be", Commands(False, False, [])),
        (2, "nothing has been looked at: the list of weaknesses did not answer", Commands(True, True, None)),
    ],
)  # fmt: skip
def test_what_an_audit_says(
    status: int, told: str, commands: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is weak, and when nobody could be asked that nobody was, with the reason."""
    assert status == audit(commands)
    said = capsys.readouterr().out
    assert told in said
    assert status != 2 or OFFLINE in said or OURS["name"] in said
