"""The verdict on scenarios as text for people."""

from typing import Any

import pytest

from mock_nicepay.front.report import verdict_text
from mock_nicepay.front.terminal import plain

FIRED = {"line": 4, "rule": "token.issue -> hang", "fired": 1, "closest": None}
IDLE = {
    "line": 9,
    "rule": "payments.get -> U107",
    "fired": 0,
    "closest": {"call": "payments.get /v1/payments/x", "reason": "path.tid is x, expected y"},
}
CLOSEST = "closest call: payments.get /v1/payments/x: path.tid is x, expected y"
UNTOUCHED = {"line": 11, "rule": "payments.find -> ok", "fired": 0, "closest": None}
MET = {"ok": True, "expected": "called: token.issue", "seen": ""}
UNMET = {"ok": False, "expected": "never: payments.get", "seen": "called once (at 12:00:01)"}
UNMET_KOREAN = {"ok": False, "expected": "final: {status: 한글}", "seen": "a\nb\x1b[2J"}


def _row(
    expectations: list[dict[str, Any]], rules: list[dict[str, Any]], merchant: str = "S2_a", file: str | None = None
) -> dict[str, Any]:  # fmt: skip
    return {
        "merchant": merchant,
        "scenario": "lost",
        "file": file,
        "ok": all(each["ok"] for each in expectations),
        "rules": rules,
        "neverFired": [rule for rule in rules if not rule["fired"]],
        "expectations": expectations,
    }


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        ([], []),
        ([], [_row([MET], [FIRED])]),
        (
            [
                f"mock-nicepay: scenario lost, line 9 never fired: payments.get -> U107; {CLOSEST}",
                "mock-nicepay: scenario lost, line 11 never fired: payments.find -> ok; no call came near it",
            ],
            [_row([MET], [FIRED, IDLE, UNTOUCHED])],
        ),
        ([], [_row([MET], [IDLE]), _row([MET], [{**IDLE, "fired": 2}], "S2_b")]),
        (
            [
                "mock-nicepay: 2 of 4 expectations failed",
                "",
                "scenario lost (lost.yaml), merchant S2_a",
                "  expected  never: payments.get",
                "  seen      called once (at 12:00:01)",
                "  expected  final: {status: 한글}",
                "  seen      a\\nb\\x1b[2J",
                "  never fired  line 9: payments.get -> U107",
                f"               {CLOSEST}",
            ],
            [
                _row([MET, UNMET, UNMET_KOREAN], [FIRED, IDLE], file="lost.yaml"),
                _row([MET], [UNTOUCHED], "S2_b"),
            ],
        ),
        (
            [
                "mock-nicepay: 1 of 1 expectation failed",
                "",
                "scenario lost, merchant S2_a",
                "  expected  never: payments.get",
                "  seen      called once (at 12:00:01)",
            ],
            [_row([UNMET], [FIRED])],
        ),
    ],
)
def test_verdict(expected: list[str], rows: list[dict[str, Any]]) -> None:
    """Failures with all that explains them; else the rules no merchant fired; else nothing."""
    assert expected == verdict_text(rows, plain).splitlines()


@pytest.mark.parametrize(
    ("expected", "rows", "strangers"),
    [
        ("1 call used a key that no merchant", [_row([UNMET], [])], 1),
        ("2 calls used a key that no merchant", [_row([UNMET], [])], 2),
        ("seen      called once (at 12:00:01)", [_row([UNMET], [])], 0),
        ("", [_row([MET], [])], 3),
    ],
)
def test_strangers_are_a_hint(expected: str, rows: list[dict[str, Any]], strangers: int) -> None:
    """Calls with unknown keys explain a failure, and are nobody's business otherwise."""
    last = next(reversed(verdict_text(rows, plain, strangers).splitlines()), "")

    assert last.strip().startswith(expected)


def test_colours_what_matters() -> None:
    """On a terminal the eye finds the failures."""
    text = verdict_text([_row([UNMET], [IDLE])], lambda text, style: f"<{style}>{text}</>")

    assert "<bold red>mock-nicepay: 1 of 1 expectation failed</>" in text
    assert "<red>expected</>" in text
    assert "<yellow>never fired</>" in text
