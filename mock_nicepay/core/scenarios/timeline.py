"""Reads a scenario's timeline: when an event happens, what it does, and to which orders."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from mock_nicepay.contract.times import parse_duration, parse_moment
from mock_nicepay.core.scenarios.faults import ACTIONS
from mock_nicepay.core.scenarios.forms import Form, Reader, filled, integer, parsed, text, word
from mock_nicepay.core.scenarios.language import Event
from mock_nicepay.core.scenarios.tree import Node, Scalar, Table, mistake, show


def _moment(node: Node) -> timedelta | datetime:
    """`+31m` after the beginning, or a time."""
    written = text(node)
    if written.startswith("+"):
        return parsed(lambda part: parse_duration(part[1:]))(node)
    try:
        return parse_moment(written[:100])
    except ValueError:
        pass
    try:
        parse_duration(written[:100])
    except ValueError:
        found = f"found `{show(written)}`"
        message = f"expected `+31m` after the beginning or a time such as 2026-01-31T09:00:00+0900, {found}"
        raise mistake(node, message) from None
    raise mistake(node, f"a time after the beginning needs a plus sign: write `+{written.strip()}`")


_WHEN_AND_WHAT: Mapping[str, Reader] = {"at": _moment, "do": word(ACTIONS, "action")}
ARGUMENTS: Mapping[str, Reader] = {
    "orderId": filled,  # a glob
    "amount": integer(1, 999_999_999_999, "a whole number of at least 1"),
}
_ALL_ORDERS = "*"


def read_event(node: Node) -> Event:
    """Reads one entry. Its action decides which arguments it may have."""
    taken = _arguments_of(node)
    readers = {**_WHEN_AND_WHAT, **{name: ARGUMENTS[name] for name in taken}}
    form = Form(node, readers, "a `timeline` entry", required=("at", "do"))
    form.check()
    got = form.values
    when, action = got.pop("at"), got.pop("do")
    after, at = (when, None) if isinstance(when, timedelta) else (None, when)
    if "orderId" in ACTIONS[action].arguments:
        got.setdefault("orderId", _ALL_ORDERS)
    return Event(action, after, at, got, line=node.place.line)


def _arguments_of(node: Node) -> tuple[str, ...]:
    """The keys allowed besides `at` and `do`; all of them when the action is unknown."""
    entries = node.entries if isinstance(node, Table) else ()
    done = [value.text for key, value in entries if key.text == "do" and isinstance(value, Scalar)]
    known = [ACTIONS[name].arguments for name in done if name in ACTIONS]
    return known[0] if known else tuple(ARGUMENTS)
