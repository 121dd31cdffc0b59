"""Reads one rule of a scenario: its calls, when it fires, and what the caller sees."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mock_nicepay.contract.calls import (
    CALL,
    CALL_NAMES,
    side_of,
)
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.core.scenarios.coherence import complaints
from mock_nicepay.core.scenarios.faults import EFFECTS, FAULTS
from mock_nicepay.core.scenarios.forms import (
    Form,
    Gather,
    Reader,
    code_complaint,
    did_you_mean,
    duration,
    fields,
    filled,
    integer,
    listing,
    suggestion,
    text,
    word,
)
from mock_nicepay.core.scenarios.language import Charset, Patch, ReplyPlan, Rule
from mock_nicepay.core.scenarios.matching import glob_regex, read_match
from mock_nicepay.core.scenarios.tree import (
    Listing,
    Node,
    Scalar,
    Table,
    compact,
    mistake,
    show,
)

CHARSETS = ("utf-8", "euc-kr")
FAMILIES = tuple(dict.fromkeys(f"{name.partition('.')[0]}.*" for name in CALL_NAMES))

_MOST = 1_000_000_000
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # RFC 9110
_HEADER_VALUE = re.compile("[\t\x20-\x7e\xa0-\xff]{0,4000}")
_FRAMING = ("content-length", "transfer-encoding")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
_JSON_WORDS = {"null": None, "true": True, "false": False}


def read_calls(node: Node) -> tuple[str, ...]:
    """The calls that a name, a glob or a list of them means, in the order written."""
    if not isinstance(node, Listing):
        return _resolve(text(node), node)
    if not node.items:
        raise mistake(node, "expected at least one call, found an empty list")
    gather = Gather()
    parts = [gather.read(lambda item: _resolve(text(item), item), item) for item in node.items]
    gather.check()
    return tuple(dict.fromkeys(name for part in parts for name in part or ()))


def read_call(node: Node) -> str:
    """Reads the exact name of one call; not a glob."""
    name = text(node)
    if "*" in name or "?" in name:
        raise mistake(node, f"`{show(name)}` is a glob, but exact names are needed here")
    return _resolve(name, node)[0]


def _resolve(name: str, node: Node) -> tuple[str, ...]:
    if name in CALL_NAMES:
        return (name,)
    if "*" in name or "?" in name:
        fits = glob_regex(name[:100])
        if found := tuple(call for call in CALL_NAMES if fits.fullmatch(call)):
            # A glob such as `*` means the calls of the API only, unless it matches none of them.
            return tuple(call for call in found if side_of(call) == CALL) or found
        hint = did_you_mean(name, FAMILIES) or _near_call(name.strip("*?."))
        raise mistake(node, f"`{show(name)}` fits no call: {hint}")
    raise mistake(node, f"`{show(name)}` is not a call: {_near_call(name)}")


def _near_call(name: str) -> str:
    same = [f"`{call}`" for call in CALL_NAMES if call.partition(".")[2] == name.lower()]
    if same:
        return f"did you mean {' or '.join(same)}?"
    return (
        did_you_mean(name, CALL_NAMES)
        or "write a name such as `payments.approve`, or a glob such as `payments.*`"
    )


def _code(node: Node) -> str:
    code = text(node)
    if wrong := code_complaint(code):
        raise mistake(node, wrong)
    return code


def _values(node: Node) -> tuple[str, ...]:
    return listing(text, "texts")(node) if isinstance(node, Listing) else (text(node),)


# Replies that take an argument: its reader, its name in `ReplyPlan`, and further keys allowed with it.
ARGUMENTS: Mapping[str, tuple[Reader, str, Mapping[str, Reader]]] = {
    "code": (_code, "code", {"message": filled, "values": _values}),
    "http": (integer(200, 599, "an HTTP status from 200 to 599"), "status", {"body": filled}),
    "drip": (duration(timedelta(seconds=10), "10s"), "pace", {}),
    "garbage": (filled, "body", {}),
    "drop": (integer(1, 10, "a number of tries from 1 to 10"), "tries", {}),
}


def read_reply(node: Node) -> ReplyPlan:
    """Reads a reply: a word, or a mapping for one that takes an argument."""
    if not isinstance(node, Table):
        return ReplyPlan(_reply_word(node))
    kinds = [key.text for key, _ in node.entries if key.text in FAULTS]
    if len(kinds) == 1 and kinds[0] in ARGUMENTS:
        return _reply_form(node, kinds[0])
    if len(kinds) == 1:
        raise mistake(node, f"`{kinds[0]}` takes nothing: write `reply: {kinds[0]}`")
    takers = ", ".join(f"`{kind}`" for kind in ARGUMENTS)
    if kinds:
        raise mistake(
            node,
            f"a reply must be exactly one of {takers}, found {' and '.join(f'`{kind}`' for kind in kinds)}",
        )
    extras = {name: text for _, _, more in ARGUMENTS.values() for name in more}
    Form(node, {**dict.fromkeys(ARGUMENTS, text), **extras}, "`reply`").check()
    raise mistake(node, f"a reply must be exactly one of {takers}, found none of them")


def _reply_word(node: Node) -> str:
    word = text(node)
    if word in {"code", "http"}:
        example = '{code: "3011"}' if word == "code" else "{http: 502}"
        raise mistake(node, f"`{word}` needs to know which: write `{example}`")
    if word in FAULTS:
        return word
    if word in result_codes():
        raise mistake(node, f'`{show(word)}` is a result code: write `{{code: "{word}"}}`')
    if re.fullmatch("[2-5][0-9]{2}", word):
        raise mistake(node, f"`{word}` is an HTTP status: write `{{http: {word}}}`")
    if re.fullmatch("[A-Za-z]?[0-9]{3,4}", word):
        raise mistake(node, f"{code_complaint(word)}; a code is written `{{code: ...}}`")
    raise mistake(node, f"`{show(word)}` is not a reply: {suggestion(word, FAULTS)}")


def _reply_form(node: Table, kind: str) -> ReplyPlan:
    reader, name, more = ARGUMENTS[kind]
    form = Form(node, {kind: reader, **more}, f"a reply with `{kind}`")
    got = form.values
    if "values" in got and "message" in got:
        form.add(
            form.places["values"],
            "`values` fill the published text: they have no meaning with `message`",
        )
    elif "values" in got and "code" in got:
        places = result_codes()[got["code"]].places
        if len(got["values"]) > places:
            form.add(
                form.places["values"],
                f"the text of {got['code']} has {places} places, found {len(got['values'])} values",
            )
    form.check()
    return ReplyPlan(kind, **{name: got.pop(kind)}, **got)


def _charset_name(node: Node) -> str:
    name = text(node).lower()
    if name not in CHARSETS:
        raise mistake(
            node, f"`{show(text(node))}` is not a charset of NICEPAY: {suggestion(name, CHARSETS)}"
        )
    return name


def _token(node: Node) -> str:
    if not _TOKEN.fullmatch(text(node)):
        raise mistake(
            node, f"`{show(text(node))}` cannot be used in a header: use letters, digits and `-_.`"
        )
    return text(node)


def _charset(node: Node) -> Charset:
    if not isinstance(node, Table):
        return Charset(_charset_name(node), _charset_name(node))
    form = Form(node, {"bytes": _charset_name, "label": _token}, "`charset`", required=("bytes",))
    form.check()
    return Charset(form.values["bytes"], form.values.get("label", form.values["bytes"]))


def _header(key: Scalar, node: Node) -> tuple[str, str]:
    if not _TOKEN.fullmatch(key.text):
        raise mistake(key, f"`{show(key.text)}` is not a name of a header")
    if key.text.lower() in _FRAMING:
        raise mistake(
            key, f"`{key.text}` is the server's own: a body cut short is `reply: truncate`"
        )
    if not _HEADER_VALUE.fullmatch(text(node)):
        raise mistake(
            node,
            "a header's value has at most 4000 characters of Latin-1, and no control characters",
        )
    return key.text, text(node)


def _patch(key: Scalar, node: Node) -> Patch:
    path = tuple(key.text.split("."))
    if not all(path):
        raise mistake(key, f"`{show(key.text)}` names no key: write `outer.inner`")
    if isinstance(node, Table) and node.keys() == {"set"}:
        return Patch(path, _json(node.entries[0][1]))
    if not isinstance(node, Scalar):
        return Patch(path, _json(node))
    if node.blank:
        raise mistake(
            node, 'expected a value, found nothing: `null` drops the key, `""` is an empty text'
        )
    if node.plain and node.text == "null":
        return Patch(path, drop=True)
    if node.exact:
        return Patch(path, node.value)
    return Patch(path, node.text, plain=node.plain)


def _json(node: Node) -> Any:
    """The JSON value of a node: unquoted true, false, null and numbers are not texts."""
    gather = Gather()
    if isinstance(node, Table):
        members = {key.text: gather.read(_json, value) for key, value in node.entries}
        gather.check()
        return members
    if isinstance(node, Listing):
        items = [gather.read(_json, item) for item in node.items]
        gather.check()
        return items
    if node.exact:
        return node.value
    if node.blank:
        raise mistake(
            node, 'expected a value, found nothing: write `null`, or `""` for an empty text'
        )
    if node.plain and node.text in _JSON_WORDS:
        return _JSON_WORDS[node.text]
    if node.plain and (number := _NUMBER.fullmatch(node.text)):
        return float(node.text) if number[2] or number[3] else int(node.text)
    return node.text


RULE: Mapping[str, Reader] = {
    "call": read_calls,
    "match": read_match,
    "times": integer(1, _MOST, "a whole number of at least 1"),
    "after": integer(0, _MOST, "a whole number of at least 0"),
    "every": integer(1, _MOST, "a whole number of at least 1"),
    "effect": word(tuple(EFFECTS), "effect"),
    "reply": read_reply,
    "delay": duration(timedelta(days=1), "1d"),
    "charset": _charset,
    "headers": fields(_header, "header to text"),
    "patch": fields(_patch, "key to value"),
}
_HINTS = {"on": "write `call`", "endpoint": "write `call`", "calls": "write `call`"}


def read_rule(node: Node) -> Rule:
    """Reads one rule."""
    form = Form(node, RULE, "a rule", required=("call",), hints=_HINTS)
    got = form.values
    calls, reply = got.get("call", ()), got.get("reply", ReplyPlan())
    for name, wrong in complaints(calls, reply, got):
        if name in form.places:
            form.add(form.places[name], wrong)
    form.check()
    parts = {key.text: value for key, value in node.entries} if isinstance(node, Table) else {}
    rule = Rule(calls=got.pop("call"), line=node.place.line, **got)
    return replace(rule, text=_summary(rule, parts))


def _summary(rule: Rule, parts: Mapping[str, Node]) -> str:
    """`payments.approve {body.amount: >= 50000} times 1 -> commit, hang, delay 2s`."""
    calls = compact(parts["call"]).strip("[]")
    tests = ", ".join(f"{name}: {test.text}" for name, test in rule.match.conditions)
    counts = "".join(
        f" {name} {compact(parts[name])}" for name in ("times", "after", "every") if name in parts
    )
    outcome = [compact(parts["effect"])] if "effect" in parts else []
    outcome.append(compact(parts["reply"]) if "reply" in parts else "ok")
    outcome += [f"{name} {compact(parts[name])}" for name in ("delay", "charset") if name in parts]
    if rule.headers:
        outcome.append(f"headers {' '.join(name for name, _ in rule.headers)}")
    if rule.patch:
        outcome.append(f"patch {' '.join('.'.join(patch.path) for patch in rule.patch)}")
    return show(f"{calls}{f' {{{tests}}}' if tests else ''}{counts} -> {', '.join(outcome)}", 200)
