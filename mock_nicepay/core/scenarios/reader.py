"""Reads scenarios: from a file, from YAML or JSON text, or from a Python value.

All mistakes are reported together, each with its place. The reference of the language is
`docs/scenarios.md`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.methods import WEBHOOK_METHODS
from mock_nicepay.contract.times import parse_clock
from mock_nicepay.core.scenarios.coherence import hidden_rules
from mock_nicepay.core.scenarios.expecting import read_expectation
from mock_nicepay.core.scenarios.forms import (
    Form,
    Gather,
    Reader,
    among,
    integer,
    listing,
    parsed,
    text,
    word,
)
from mock_nicepay.core.scenarios.language import (
    Condition,
    Problem,
    Rule,
    Scenario,
    ScenarioError,
)
from mock_nicepay.core.scenarios.matching import FORMS, condition
from mock_nicepay.core.scenarios.rules import read_rule
from mock_nicepay.core.scenarios.syntax import parse_text, parse_value
from mock_nicepay.core.scenarios.timeline import read_event
from mock_nicepay.core.scenarios.tree import (
    MAX_TEXT,
    Listing,
    Mistake,
    Mistakes,
    Node,
    Place,
    Table,
    Tree,
    describe,
    mistake,
    show,
)

_NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,100}")
_LARGEST_SEED = 2**63 - 1
_LONGEST_URL = 500


def read_text(text: str, file: str = "<scenario>") -> Scenario:
    """The scenario in a YAML or JSON text.

    Raises `ScenarioError` with every mistake.
    """
    return _read(lambda: parse_text(text), file)


def read_value(value: object, file: str = "<scenario>") -> Scenario:
    """The scenario in a Python value; the places of mistakes refer to its JSON text, indented by two.

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
            return data.decode("utf-8", "replace")  # the reader refuses it for its length
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
    webhooks = form.values.pop("webhook", ())
    return Scenario(**form.values, webhooks=webhooks, source=tree.source, file=file)


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


def _url(node: Node) -> str:
    url = text(node)
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a port that is not a number, a bracket that is not closed
        fits = None
    if not fits or len(url) > _LONGEST_URL or not url.isprintable() or " " in url:
        example = "http://127.0.0.1:8000/webhook"
        raise mistake(node, f"expected an address such as {example}, found `{show(url)}`")
    return url


def _webhook(node: Node) -> tuple[tuple[str, str], ...]:
    """The addresses for events: one URL for all payment methods, or one for each named method."""
    if not isinstance(node, Table):
        url = _url(node)
        return tuple((method, url) for method in WEBHOOK_METHODS)
    form = Form(node, dict.fromkeys(WEBHOOK_METHODS, _url), "`webhook`")
    if not node.entries:
        form.add(node.place, "expected where events go, found an empty mapping")
    form.check()
    return tuple(form.values.items())


SCENARIO: Mapping[str, Reader] = {
    "version": _version,
    "name": _name,
    "description": text,
    "edition": word(tuple(EDITIONS), "edition"),
    "clock": parsed(parse_clock),
    "select": _select,
    "seed": integer(-_LARGEST_SEED, _LARGEST_SEED, "a whole number"),
    "webhook": _webhook,
    "rules": _rules,
    "timeline": listing(read_event, "events"),
    "expect": listing(read_expectation, "expectations"),
}
