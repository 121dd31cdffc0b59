"""The verdict on scenarios as text: what was expected, what was seen, which rules never fired."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_nicepay.front.terminal import COMMAND, Paint, one_line

Row = Mapping[str, Any]  # of Sandbox.report


def verdict_text(rows: Sequence[Row], paint: Paint, strangers: int = 0) -> str:
    """A report when an expectation failed, otherwise the rules that never fired, if any.

    `strangers` is the number of calls with an unknown key. Empty when there is nothing to report.
    """
    failed = [row for row in rows if not row["ok"]]
    lines = _failure(rows, failed, paint) if failed else _idle_lines(rows)
    if failed and strangers:
        calls = "1 call" if strangers == 1 else f"{strangers} calls"
        lines.append(
            f"{calls} used a key that no merchant of this server has: "
            "does your code read NICEPAY_CLIENT_ID and NICEPAY_SECRET_KEY?"
        )
    return "\n".join(lines)


def _failure(rows: Sequence[Row], failed: Sequence[Row], paint: Paint) -> list[str]:
    judged = [each for row in rows for each in row["expectations"]]
    unmet = sum(not each["ok"] for each in judged)
    total = f"{len(judged)} expectation{'s' * (len(judged) > 1)}"
    lines = [paint(f"{COMMAND}: {unmet} of {total} failed", "bold red")]
    for row in failed:
        lines += ["", *_row_lines(row, paint)]
    return lines


def _row_lines(row: Row, paint: Paint) -> list[str]:
    file = f" ({one_line(row['file'])})" if row["file"] else ""
    lines = [f"scenario {paint(row['scenario'], 'bold')}{file}, merchant {row['merchant']}"]
    for each in row["expectations"]:
        if not each["ok"]:
            lines.append(f"  {paint('expected', 'red')}  {one_line(each['expected'])}")
            lines.append(f"  seen      {one_line(each['seen'])}")
    for rule in row["neverFired"]:
        lines.append(
            f"  {paint('never fired', 'yellow')}  line {rule['line']}: {one_line(rule['rule'])}"
        )
        lines.append(f"               {_closest(rule)}")
    return lines


def _idle_lines(rows: Sequence[Row]) -> list[str]:
    """Rules that fired for no merchant: the expectations held, but not because of these rules."""
    fired = {
        (row["scenario"], rule["line"]) for row in rows for rule in row["rules"] if rule["fired"]
    }
    idle = {
        (row["scenario"], rule["line"]): rule
        for row in rows
        for rule in row["neverFired"]
        if (row["scenario"], rule["line"]) not in fired
    }
    return [
        f"{COMMAND}: scenario {name}, line {line} never fired: {one_line(rule['rule'])}; {_closest(rule)}"
        for (name, line), rule in idle.items()
    ]


def _closest(rule: Row) -> str:
    near = rule["closest"]
    if not near:
        return "no call came near it"
    return f"closest call: {one_line(near['call'], 200)}: {one_line(near['reason'])}"
