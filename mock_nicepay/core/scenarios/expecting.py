"""Reads what a scenario expects; `expectations` judges it."""

import re
from collections.abc import Mapping
from datetime import timedelta

from mock_nicepay.contract.calls import WEBHOOK, side_of
from mock_nicepay.contract.receipts import RECEIPT_STATUSES
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.core.scenarios.forms import (
    Form,
    Reader,
    among,
    code_complaint,
    did_you_mean,
    duration,
    listing,
    text,
)
from mock_nicepay.core.scenarios.language import Condition, Expectation
from mock_nicepay.core.scenarios.matching import condition, conditions
from mock_nicepay.core.scenarios.rules import read_call, read_calls
from mock_nicepay.core.scenarios.tree import Node, Scalar, Table, compact, describe, mistake, show

NAMED_NEVERS = ("double_charge",)

_COUNT = re.compile(r"\s*(>=|<=|==|!=|>|<)?\s*[0-9]{1,9}\s*")
_YEARS = timedelta(days=36500)


def _times(node: Node) -> Condition:
    if not isinstance(node, Scalar) or not _COUNT.fullmatch(node.text):
        raise mistake(
            node, f"expected a number of calls such as `2` or `>= 2`, found {describe(node)}"
        )
    return condition(node)


def _answered(node: Node) -> Condition:
    wire = {row.code for row in result_codes().values()}
    return condition(node, lambda code: code_complaint(code, wire))


def _delivered(node: Node) -> Condition:
    return condition(node, among(("OK", "failed"), "answer of a webhook's receiver"))


def _order(node: Node) -> tuple[str, ...]:
    names = listing(read_call, "calls")(node)
    if len(names) < 2:
        raise mistake(node, f"an order needs at least two calls, found {len(names)}")
    return names


def _never(node: Node) -> tuple[str, ...] | str:
    if isinstance(node, Scalar) and node.text in NAMED_NEVERS:
        return node.text
    near = did_you_mean(node.text, NAMED_NEVERS) if isinstance(node, Scalar) else ""
    if near:
        raise mistake(node, f"`{show(text(node))}` is neither a call nor a named condition: {near}")
    return read_calls(node)


_STATUSES = ("authorised", "paid", "ready", "failed", "cancelled", "partialCancelled")
_TOKEN_STATES = ("live", "expired", "revoked", "none")
_FINAL: Mapping[str, Reader] = {
    "orderId": condition,
    "tid": condition,
    "status": lambda node: condition(node, among(_STATUSES, "status")),
    "amount": condition,
    "balanceAmt": condition,
    "receipt": lambda node: condition(node, among(RECEIPT_STATUSES, "status of a cash receipt")),
    "token": lambda node: condition(node, among(_TOKEN_STATES, "state of a token")),
}


def _final(node: Node) -> tuple[tuple[str, Condition], ...]:
    if not isinstance(node, Table) or not node.entries:
        return conditions("")(node)  # which says what is expected
    form = Form(node, _FINAL, "`final`")
    form.check()
    return tuple(form.values.items())


_EXPECTATIONS: Mapping[str, Mapping[str, Reader]] = {
    "called": {
        "called": read_calls,
        "times": _times,
        "within": duration(_YEARS, "36500d"),
        "answered": _answered,
    },
    "never": {"never": _never, "answered": _answered},
    "order": {"order": _order},
    "final": {"final": _final},
}


_EVERY_EXPECTATION: Mapping[str, Reader] = {
    name: reader for readers in _EXPECTATIONS.values() for name, reader in readers.items()
}


def read_expectation(node: Node) -> Expectation:
    """Reads one entry of `expect`. Its kind decides which keys it may have."""
    given = node.keys() if isinstance(node, Table) else set()
    kinds = [kind for kind in _EXPECTATIONS if kind in given]
    if len(kinds) != 1:
        form = Form(node, _EVERY_EXPECTATION, "an `expect` entry")
        if kinds:
            named = " and ".join(f"`{kind}`" for kind in kinds)
            form.add(
                node.place, f"{named} cannot stand together: write each as an entry of its own"
            )
        elif not form.found:
            form.add(
                node.place, "an `expect` entry needs one of `called`, `never`, `order`, `final`"
            )
        form.check()
    return _expected(node, kinds[0])


def _expected(node: Node, kind: str) -> Expectation:
    readers = _EXPECTATIONS[kind]
    if "answered" in readers and _is_delivery(node, kind):
        readers = {**readers, "answered": _delivered}
    form = Form(node, readers, f"`expect` with `{kind}`")
    got = form.values
    subject = got.pop(kind, ())
    named = subject if isinstance(subject, str) else ""
    if named and "answered" in form.places:
        form.add(form.places["answered"], f"`answered` has no meaning with `{named}`")
    form.check()
    fields = subject if kind == "final" else ()
    calls = () if fields or named else subject
    told = show(compact(node)[1:-1], 200)
    return Expectation(
        kind, told, calls=calls, never=named, fields=fields, line=node.place.line, **got
    )


def _is_delivery(node: Node, kind: str) -> bool:
    """Whether the entry is about webhooks, whose receivers answer without a result code."""
    entries = node.entries if isinstance(node, Table) else ()
    subjects = [value for key, value in entries if key.text == kind]
    return any(isinstance(each, Scalar) and side_of(each.text) == WEBHOOK for each in subjects)
