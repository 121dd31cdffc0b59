"""Reads scenarios: from a file, from YAML or JSON text, or from a Python value.

Every mistake is found at once and told with its place. The complete reference of what may
be written is `docs/scenarios.md`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.contract.times import parse_clock, parse_duration, parse_moment
from mock_nicepay.core.scenarios.faults import ACTIONS
from mock_nicepay.core.scenarios.forms import (
    Form,
    Gather,
    Reader,
    among,
    code_complaint,
    duration,
    integer,
    listing,
    nearest,
    parsed,
    text,
    word,
)
from mock_nicepay.core.scenarios.language import (
    Condition,
    Event,
    Expectation,
    Problem,
    Rule,
    Scenario,
    ScenarioError,
)
from mock_nicepay.core.scenarios.matching import FORMS, condition, conditions
from mock_nicepay.core.scenarios.rules import hidden_rules, read_call, read_calls, read_rule
from mock_nicepay.core.scenarios.syntax import parse_text, parse_value
from mock_nicepay.core.scenarios.tree import (
    MAX_TEXT,
    Listing,
    Mistake,
    Mistakes,
    Node,
    Place,
    Scalar,
    Table,
    Tree,
    compact,
    describe,
    mistake,
    show,
)

NAMED_NEVERS = ("double_charge",)

_NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,100}")
_COUNT = re.compile(r"\s*(>=|<=|==|!=|>|<)?\s*[0-9]{1,9}\s*")
_YEARS = timedelta(days=36500)
_LARGEST_SEED = 2**63 - 1


def read_text(text: str, file: str = "<scenario>") -> Scenario:
    """The scenario in a YAML or JSON text.

    Raises `ScenarioError` with every mistake.
    """
    return _read(lambda: parse_text(text), file)


def read_value(value: object, file: str = "<scenario>") -> Scenario:
    """The scenario in a Python value; places are those of its JSON text, indented by two.

    Raises `ScenarioError` with every mistake.
    """
    return _read(lambda: parse_value(value), file)


def read_file(path: Path) -> Scenario:
    """The scenario in a file.

    Raises `ScenarioError` with every mistake, also when the file cannot be read.
    """
    return _read(lambda: parse_text(_file_text(path)), str(path))


def _file_text(path: Path) -> str:
    data = b""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT + 1)
        return data.decode("utf-8")
    except FileNotFoundError:
        message = "there is no such file"
    except IsADirectoryError:
        message = "this is a directory, and a scenario is a file"
    except UnicodeDecodeError as error:
        if len(data) > MAX_TEXT:
            return data.decode("utf-8", "replace")  # the reader refuses its length
        line = data.count(b"\n", 0, error.start) + 1
        message = (
            f"this is not UTF-8 (byte 0x{data[error.start]:02x} in line {line}): save it as UTF-8"
        )
    except (OSError, ValueError) as error:
        message = f"this file cannot be read: {getattr(error, 'strerror', None) or error}"
    raise Mistakes(Mistake(Place(1, 1), message))


def _read(parse: Callable[[], Tree], file: str) -> Scenario:
    try:
        return _scenario(parse(), file)
    except Mistakes as wrong:
        found = sorted(dict.fromkeys(wrong.found), key=lambda each: each.place)
        raise ScenarioError([Problem(file, *each.place, each.message) for each in found]) from None


def _scenario(tree: Tree, file: str) -> Scenario:
    if not isinstance(tree.root, Table):
        message = (
            f"a scenario is a mapping that begins with `version: 1`, found {describe(tree.root)}"
        )
        raise Mistakes(*tree.wrong, Mistake(tree.root.place, message))
    form = Form(tree.root, SCENARIO, "a scenario", required=("version", "name"))
    form.found.extend(tree.wrong)
    form.check()
    form.values.pop("version")
    return Scenario(**form.values, source=tree.source, file=file)


def _version(node: Node) -> int:
    if text(node) != "1":
        raise mistake(node, f"version `{show(text(node))}` is not known: this one reads version 1")
    return 1


def _name(node: Node) -> str:
    name = text(node)
    if not _NAME.fullmatch(name) or name != name.strip():
        message = "a name is one line of 1 to 100 characters without a slash"
        raise mistake(node, f"{message}, found `{show(name)}`")
    return name


_SELECT: Mapping[str, Reader] = {
    "client": condition,
    "window": lambda node: condition(node, among(("server", "client"), "window")),
    "authType": lambda node: condition(node, among(("any", "basic", "token"), "authType")),
}


def _select(node: Node) -> tuple[tuple[str, Condition], ...]:
    if not isinstance(node, Table) or (node.entries and node.keys() <= FORMS.keys()):
        return (("client", condition(node)),)
    form = Form(node, _SELECT, "`select`")
    form.check()
    return tuple(form.values.items())


def _rules(node: Node) -> tuple[Rule, ...]:
    if not isinstance(node, Listing):
        raise mistake(node, f"expected a list of rules, found {describe(node)}")
    gather = Gather()
    read = [(item.place, gather.read(read_rule, item)) for item in node.items]
    rules = [(place, rule) for place, rule in read if rule is not None]
    gather.found.extend(hidden_rules(rules))
    gather.check()
    return tuple(rule for _, rule in rules)


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
    raise mistake(node, f"a moment after the beginning has a plus sign: write `+{written.strip()}`")


_EVENT: Mapping[str, Reader] = {"at": _moment, "do": word(ACTIONS, "action")}


def _event(node: Node) -> Event:
    form = Form(node, _EVENT, "a `timeline` entry", required=("at", "do"))
    form.check()
    when = form.values["at"]
    after, at = (when, None) if isinstance(when, timedelta) else (None, when)
    return Event(form.values["do"], after, at, line=node.place.line)


def _times(node: Node) -> Condition:
    if not isinstance(node, Scalar) or not _COUNT.fullmatch(node.text):
        raise mistake(
            node, f"expected a number of calls such as `2` or `>= 2`, found {describe(node)}"
        )
    return condition(node)


def _answered(node: Node) -> Condition:
    wire = {row.code for row in result_codes().values()}
    return condition(node, lambda code: code_complaint(code, wire))


def _order(node: Node) -> tuple[str, ...]:
    names = listing(read_call, "calls")(node)
    if len(names) < 2:
        raise mistake(node, f"an order needs at least two calls, found {len(names)}")
    return names


def _never(node: Node) -> tuple[str, ...] | str:
    if isinstance(node, Scalar) and node.text in NAMED_NEVERS:
        return node.text
    near = nearest(node.text, NAMED_NEVERS) if isinstance(node, Scalar) else ""
    if near:
        raise mistake(node, f"`{show(text(node))}` is neither a call nor a named condition: {near}")
    return read_calls(node)


_STATUSES = ("paid", "ready", "failed", "cancelled", "partialCancelled")
_TOKEN_STATES = ("live", "expired", "revoked", "none")
_FINAL: Mapping[str, Reader] = {
    "orderId": condition,
    "tid": condition,
    "status": lambda node: condition(node, among(_STATUSES, "status")),
    "amount": condition,
    "balanceAmt": condition,
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


def _expectation(node: Node) -> Expectation:
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
    form = Form(node, _EXPECTATIONS[kind], f"`expect` with `{kind}`")
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


SCENARIO: Mapping[str, Reader] = {
    "version": _version,
    "name": _name,
    "description": text,
    "edition": word(tuple(EDITIONS), "edition"),
    "clock": parsed(parse_clock),
    "select": _select,
    "seed": integer(-_LARGEST_SEED, _LARGEST_SEED, "a whole number"),
    "rules": _rules,
    "timeline": listing(_event, "events"),
    "expect": listing(_expectation, "expectations"),
}
