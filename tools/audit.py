"""Asks the internet for known weaknesses of what is installed here: `make audit`.

    python tools/audit.py

Ends with 0 when none is known, 1 when some are, and 2 when nobody could be asked: then nothing has
been looked at, which must not pass for "none is known".
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]
_INSTALL = (
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--retries",
    "1",
    "pip-audit>=2.7",
)
_ASK = ("pip_audit", "--skip-editable", "--progress-spinner", "off", "--format", "json", "--output")
_NOT_ASKED = (
    "audit: nothing has been looked at: {}.\n"
    "The list of known weaknesses is on the internet; run `make audit` where that can be reached.\n"
    "  {}"
)


def run_module(words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """A module of this Python's, as a command."""
    command = (sys.executable, "-m", *words)
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours


def audit(run: Run = run_module) -> int:
    """Ask, print what is known, and give the exit status."""
    if run(("pip_audit", "--version")).returncode and (made := run(_INSTALL)).returncode:
        return _not_asked("pip-audit is not installed, and cannot be", made)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "found.json"
        asked = run((*_ASK, str(target)))
        if not target.exists():
            return _not_asked("the list of weaknesses did not answer", asked)
        return _told(json.loads(target.read_text("utf-8"))["dependencies"])


def _not_asked(why: str, done: "subprocess.CompletedProcess[str]") -> int:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    print(_NOT_ASKED.format(why, lines[-1][:300] if lines else "no reason was given"))
    return 2


def _told(libraries: list[dict[str, Any]]) -> int:
    weak = [(each, known) for each in libraries for known in each.get("vulns", ())]
    for library, known in weak:
        mended = ", ".join(known["fix_versions"]) or "no version yet"
        print(f"{library['name']} {library['version']}: {known['id']}, mended in {mended}")
    skipped = [each["name"] for each in libraries if each.get("skip_reason")]
    asked = len(libraries) - len(skipped)
    if not asked:
        print(
            _NOT_ASKED.format("the list knows none of what is installed", ", ".join(skipped)[:300])
        )
        return 2
    print(
        f"audit: {asked} libraries, {len(weak)} known weaknesses; not asked for: {', '.join(skipped) or 'none'}"
    )
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(audit())
