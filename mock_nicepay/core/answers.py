"""From an outcome to bytes: the full answer of a result code, and the ways a scenario spoils it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from http import HTTPStatus
from typing import Any

from mock_nicepay.contract import charsets
from mock_nicepay.contract.bodies import Shape
from mock_nicepay.contract.endpoint import Endpoint, Reply, Wire
from mock_nicepay.contract.fields import Choice, Field
from mock_nicepay.contract.tables import SUCCESS, ResultCode
from mock_nicepay.core.scenarios.language import Patch, Rule

JSON = "application/json"
HTML = "text/html"
_UTF_8_BOM = b"\xef\xbb\xbf"
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
NOT_HEARD = frozenset(
    {"hang", "reset", "empty", "truncate", "garbage"}
)  # no code reaches the caller
_ON_THE_WIRE = frozenset({"hang", "reset", "truncate", "drip"})
_ALWAYS_200 = frozenset({"empty", "garbage"})  # a refusal, too, then looks like success


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended, before it is written down as bytes."""

    status: int
    code: str  # empty: no gateway answer, a page
    message: str
    body: Mapping[str, Any] | str  # the JSON object, or a page's text
    shape: Shape | None = None  # what the body must keep to


def to_bytes(body: Mapping[str, Any] | str, charset: str) -> bytes:
    """An answer's body. Korean text stays Korean text."""
    if isinstance(body, str):
        return charsets.encode(body, charset)
    return charsets.encode(_write(body), charset)


def reply_of(outcome: Outcome, charset: str, rule: Rule | None) -> Reply:
    """The answer as it goes out, with what the rule does to it."""
    media = HTML if isinstance(outcome.body, str) else JSON
    body = outcome.body
    if rule is not None and rule.patch and not isinstance(body, str):
        body = patched(body, rule.patch, add=outcome.code == SUCCESS)
    reply = Reply(
        outcome.status,
        (("Content-Type", charsets.content_type(media, charset)),),
        to_bytes(body, charset),
    )
    return reply if rule is None else spoiled(reply, body, charset, rule)


def spoiled(reply: Reply, body: Mapping[str, Any] | str, charset: str, rule: Rule) -> Reply:
    """What a rule does to a finished answer: its bytes, its headers, its journey."""
    kind = rule.reply.kind
    payload = reply.body
    if rule.charset is not None:
        payload = to_bytes(body, rule.charset.bytes)
        charset = rule.charset.label
    if kind == "empty":
        payload = b""
    elif kind == "garbage":
        payload = charsets.encode(rule.reply.body or "정상 처리되었습니다. (OK)", "utf-8")
    elif kind == "bom":
        payload = _UTF_8_BOM + payload
    elif kind == "duplicate-keys" and not isinstance(body, str):
        payload = charsets.encode(
            _with_each_key_twice(body), rule.charset.bytes if rule.charset else charset
        )
    media = HTML if isinstance(body, str) else JSON
    headers = {"Content-Type": charsets.content_type(media, charset)}
    for name, value in rule.headers:
        same = next((known for known in headers if known.lower() == name.lower()), name)
        headers[same] = value
    return Reply(
        200 if kind in _ALWAYS_200 else reply.status,
        tuple(headers.items()),
        payload,
        Wire(
            fate=kind if kind in _ON_THE_WIRE else "send",
            delay=rule.delay.total_seconds(),
            pace=rule.reply.pace.total_seconds(),
        ),
    )


def _with_each_key_twice(body: Mapping[str, Any]) -> str:
    def pair(key: str, value: Any) -> str:
        return f"{_write(key)}:{_write(value)}"

    return (
        "{" + ",".join(f"{pair(key, '')},{pair(key, value)}" for key, value in body.items()) + "}"
    )


def patched(body: Mapping[str, Any], patches: tuple[Patch, ...], *, add: bool) -> Mapping[str, Any]:
    """The answer with single keys changed or dropped; the rest keeps its place.

    Without `add` only keys that are there change: a refusal does not gain a payment's keys.
    """
    result = dict(body)
    for patch in patches:
        if add or patch.path[0] in result:
            _patch(result, patch)
    return result


def _patch(body: dict[str, Any], patch: Patch) -> None:
    key, *deeper = patch.path
    if deeper:
        inner = body.get(key)
        if patch.drop and not isinstance(inner, Mapping):
            return  # what is not there cannot be dropped from it
        body[key] = dict(inner) if isinstance(inner, Mapping) else {}
        _patch(body[key], replace(patch, path=tuple(deeper)))
    elif patch.drop:
        body.pop(key, None)
    else:
        body[key] = _like(body.get(key), patch.value) if patch.plain else patch.value


def _like(present: Any, typed: Any) -> Any:
    """An unquoted value takes the type of what it replaces; a new key's is read as JSON if it can be."""
    if isinstance(present, str) or not isinstance(typed, str):
        return typed
    try:
        value = json.loads(typed)
    except (ValueError, RecursionError):
        return typed
    return value if isinstance(value, bool | int | float) else typed


def fill_values(row: ResultCode, endpoint: Endpoint, given: tuple[str, ...]) -> list[str]:
    """Values for a message's places: those given, then ones that fit this endpoint's fields."""
    names = list(endpoint.request.fields)
    limits = {
        n: f.max_bytes
        for n, f in endpoint.request.fields.items()
        if isinstance(f, Field) and f.max_bytes
    }
    field_name = names[0] if names else "orderId"
    fitting = [field_name, field_name, field_name]
    if row.code == "U105":
        limit = next(iter(limits.values()), 64)
        fitting = [str(limit), str(limit + 1)]
    elif row.code == "U132":
        choices = [f for f in endpoint.request.fields.values() if isinstance(f, Choice)]
        fitting = ["unknown" if choices else field_name]
    elif row.code in {"U134", "U144"}:
        fitting = ["5" if row.code == "U134" else "12"]
    return [*given, *fitting[len(given) :]]


def gateway_page(status: int, text: str = "") -> str:
    """The HTML page of a proxy in front of the gateway."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    detail = f"<p>{escape(text)}</p>" if text else ""
    title = f"{status} {phrase}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        f"<hr><center>nicepay</center>{detail}\r\n</body>\r\n</html>\r\n"
    )
