"""Conditions: how they are written, and whether a call meets them.

A condition compares one value as text: the JSON number 1004 and the text `1004` are the same.
"""

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from mock_nicepay.core.journal.masking import mask_text, names_secret
from mock_nicepay.core.scenarios.forms import Complaint, Form, Gather, Reader, among, fields
from mock_nicepay.core.scenarios.language import Condition, Match
from mock_nicepay.core.scenarios.patterns import pattern_search
from mock_nicepay.core.scenarios.tree import (
    Listing,
    Node,
    Scalar,
    Table,
    compact,
    describe,
    mistake,
    show,
)

SCHEMES = ("basic", "bearer", "none", "other")
MISSING, PRESENT = "missing", "present"

_LONGEST_PATTERN = 500
_LONGEST_VALUE = 10_000  # characters of a value that a reason considers
_COMPARISON = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(.*?)\s*", re.DOTALL)
_ALMOST = re.compile(r"\s*(=>|=<|<>|=)\s*[+-]?[0-9].*", re.DOTALL)
_MEANT = {"=>": ">=", "=<": "<=", "<>": "!=", "=": "=="}
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The parts of a call that a scenario can test."""

    name: str
    path: str
    places: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: Any  # the JSON value, or None
    scheme: str  # basic, bearer, none or other
    client: str


def verdict(match: Match, seen: Seen) -> tuple[int, str]:
    """How many conditions held before the first that failed, and why that one failed.

    The reason is empty when all of them held.
    """
    for number, (name, condition) in enumerate(match.conditions):
        value = _look(name, seen)
        if not condition.holds(value):
            return number, reason(name, value, condition)
    return len(match.conditions), ""


def reason(name: str, value: Any, condition: Condition, *, hide: bool = True) -> str:
    """Such as `body.amount is 1004, expected >= 50000`; a value that looks secret is hidden."""
    wanted = show(condition.text, 120)
    if value is None:
        return f"{name} is missing, expected {wanted}"
    secret = hide and names_secret(name.rpartition(".")[2])
    shown = "(hidden)" if secret else show(mask_text(text_form(value)[:_LONGEST_VALUE]), 80)
    return f"{name} is {shown or 'empty'}, expected {wanted}"


def _look(name: str, seen: Seen) -> Any:
    """The value that a condition called `name` tests; None when it is not there."""
    where, _, rest = name.partition(".")
    if where == "body":
        return find(seen.body, rest)
    if where == "path":
        return seen.places.get(rest) if rest else seen.path
    if where == "credentials":
        return (seen.scheme if rest == "scheme" else seen.client) or None
    return (seen.query if where == "query" else seen.headers).get(rest)


def find(value: Any, path: str) -> Any:
    """The value at a dotted path; JSON's null as the text `null`, None when it is not there."""
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part[:9]) < len(value):
            value = value[int(part[:9])]
        else:
            return None
    return "null" if value is None else value


def text_form(value: Any) -> str:
    """A JSON value as the text that conditions compare."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def conditions(
    prefix: str, *, lower: bool = False
) -> Callable[[Node], tuple[tuple[str, Condition], ...]]:
    """Reads a mapping of field to condition; each is named by `prefix` and its field."""

    def entry(key: Scalar, value: Node) -> tuple[str, Condition]:
        name = key.text.lower() if lower else key.text
        if not all(name.split(".")):
            raise mistake(key, f"`{show(key.text)}` names no field")
        return f"{prefix}{name}", condition(value)

    return fields(entry, "field to condition")


def _path(node: Node) -> tuple[tuple[str, Condition], ...]:
    if isinstance(node, Table) and not node.keys() <= FORMS.keys():
        return conditions("path.")(node)
    return (("path", condition(node)),)


def _credentials(node: Node) -> tuple[tuple[str, Condition], ...]:
    if not isinstance(node, Table) or (node.entries and node.keys() <= FORMS.keys()):
        return (("credentials.scheme", _scheme(node)),)
    form = Form(node, {"scheme": _scheme, "client": condition}, "`credentials`")
    form.check()
    return tuple((f"credentials.{name}", value) for name, value in form.values.items())


def _scheme(node: Node) -> Condition:
    return condition(node, among(SCHEMES, "kind of credentials"))


_MATCH: Mapping[str, Reader] = {
    "path": _path,
    "query": conditions("query."),
    "header": conditions("header.", lower=True),
    "body": conditions("body."),
    "credentials": _credentials,
}


def read_match(node: Node) -> Match:
    """Reads a rule's `match`."""
    form = Form(node, _MATCH, "`match`")
    form.check()
    return Match(tuple(named for part in form.values.values() for named in part))


def condition(node: Node, complain: Complaint | None = None) -> Condition:
    """Reads one condition; `complain` says what is wrong with a literal text."""
    if isinstance(node, Listing):
        return _any_of(node, complain)
    if isinstance(node, Table):
        return _form(node, complain)
    if node.blank:
        raise mistake(
            node, 'expected a condition, found nothing: write `missing`, or `""` for an empty text'
        )
    written = node.text
    if written == MISSING:
        return Condition(written, lambda value: value is None)
    if written == PRESENT:
        return Condition(written, lambda value: value is not None)
    if (almost := _ALMOST.fullmatch(written)) is not None:
        raise mistake(
            node, f"`{almost[1]}` is not a comparison: did you mean `{_MEANT[almost[1]]}`?"
        )
    if (compared := _COMPARISON.fullmatch(written)) is not None:
        return _comparison(node, compared[1], compared[2], complain)
    if len(written) > 1 and written[0] == written[-1] == "/":
        return _regex(node, written[1:-1])
    if "*" in written or "?" in written:
        return _glob(node, written)
    return _literal(node, complain)


def _any_of(node: Listing, complain: Complaint | None) -> Condition:
    if not node.items:
        raise mistake(node, "expected a condition, found an empty list")
    gather = Gather()
    parts = [gather.read(lambda item: condition(item, complain), item) for item in node.items]
    gather.check()
    either = [part for part in parts if part is not None]
    return Condition(compact(node), lambda value: any(part.holds(value) for part in either))


def _form(node: Table, complain: Complaint | None) -> Condition:
    if len(node.entries) != 1 or not node.keys() <= FORMS.keys():
        message = (
            "expected a condition: a text, a list of conditions, or a mapping with one of "
            "`is`, `not`, `regex`, `glob`; a nested field is written `outer.inner: ...`"
        )
        raise mistake(node, message)
    key, value = node.entries[0]
    return FORMS[key.text](value, complain)


def _literal(node: Node, complain: Complaint | None) -> Condition:
    wanted = _single(node)
    if complain is not None and (wrong := complain(wanted)):
        raise mistake(node, wrong)
    return Condition(compact(node), lambda value: value is not None and text_form(value) == wanted)


def _is(node: Node, complain: Complaint | None) -> Condition:
    return Condition(f"{{is: {compact(node)}}}", _literal(node, complain).holds)


def _not(node: Node, complain: Complaint | None) -> Condition:
    refused = condition(node, complain)
    return Condition(f"{{not: {compact(node)}}}", lambda value: not refused.holds(value))


def _single(node: Node) -> str:
    if not isinstance(node, Scalar) or node.blank:
        raise mistake(node, f"expected a single text, found {describe(node)}")
    return node.text


def _comparison(node: Node, sign: str, wanted: str, complain: Complaint | None) -> Condition:
    compare, number = _OPERATORS[sign], _number(wanted)
    if number is None and sign not in {"==", "!="}:
        found = f"`{show(wanted)}` is not a number" if wanted else "nothing follows it"
        raise mistake(
            node, f"`{sign}` compares numbers, and {found}; a literal text is `{{is: ...}}`"
        )
    if complain is not None and sign in {"==", "!="} and (wrong := complain(wanted)):
        raise mistake(node, wrong)

    def holds(value: Any) -> bool:
        if value is None:
            return sign == "!="
        written = text_form(value)
        left = _number(written)
        if left is not None and number is not None:
            return compare(left, number)
        return sign in {"==", "!="} and compare(written, wanted)

    return Condition(compact(node), holds)


def _number(written: str) -> Decimal | None:
    return Decimal(written) if _NUMBER.fullmatch(written) else None


def _regex(node: Node, pattern: str) -> Condition:
    if not pattern or len(pattern) > _LONGEST_PATTERN:
        found = "found an empty one" if not pattern else f"found {len(pattern)}"
        raise mistake(
            node, f"expected a regular expression of 1 to {_LONGEST_PATTERN} characters, {found}"
        )
    try:
        holds = pattern_search(pattern)
    except ValueError as error:
        raise mistake(node, f"`{show(pattern)}` is not a regular expression: {error}") from None
    return Condition(
        f"/{show(pattern, _LONGEST_PATTERN)}/",
        lambda value: value is not None and holds(text_form(value)),
    )


def _glob(node: Node, pattern: str) -> Condition:
    if len(pattern) > _LONGEST_PATTERN:
        message = (
            f"expected a pattern of at most {_LONGEST_PATTERN} characters, found {len(pattern)}"
        )
        raise mistake(node, message)
    fits = glob_regex(pattern).fullmatch
    return Condition(
        show(pattern, _LONGEST_PATTERN),
        lambda value: value is not None and fits(text_form(value)) is not None,
    )


def _named(form: str, node: Node, read: Callable[[Node, str], Condition]) -> Condition:
    return replace(read(node, _single(node)), text=f"{{{form}: {compact(node)}}}")


def glob_regex(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` any text, `?` any one character, everything else itself.

    Each part between two stars is an atomic group, so that no pattern becomes slow.
    """
    head, *rest = (
        "".join("." if sign == "?" else re.escape(sign) for sign in part)
        for part in pattern.split("*")
    )
    if not rest:
        return re.compile(head, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{head}{middle}.*{rest[-1]}", re.DOTALL)


FORMS: Mapping[str, Callable[[Node, Complaint | None], Condition]] = {
    "is": _is,
    "not": _not,
    "regex": lambda node, _complain: _named("regex", node, _regex),
    "glob": lambda node, _complain: _named("glob", node, _glob),
}
