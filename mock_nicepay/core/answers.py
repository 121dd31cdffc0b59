"""Turns an outcome into bytes: the gateway's answer, and the ways a scenario spoils it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from http import HTTPStatus
from typing import Any

from mock_nicepay.contract import charsets
from mock_nicepay.contract.endpoint import Reply, Wire
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.core.scenarios.language import Patch, Rule

JSON = "application/json"
HTML = "text/html"
_UTF_8_BOM = b"\xef\xbb\xbf"
# No answer contains itself, so the check for circular values is off.
_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
# With these replies no code reaches the caller.
NOT_HEARD = frozenset({"hang", "reset", "empty", "truncate", "garbage"})
_ON_THE_WIRE = frozenset({"hang", "reset", "truncate", "drip"})
_NOT_THE_TRUTH = frozenset({"code", "http", "reset", "empty", "garbage"})
_BODILESS = frozenset({204, 205, 304})  # HTTP allows no body for these
_ALWAYS_200 = frozenset({"empty", "garbage"})  # HTTP 200 even for a refusal

Body = Mapping[str, Any] | str


# Never changed after it is made; see `contract/endpoint.py`.
@dataclass(slots=True)
class Outcome:
    """How a call ended, before its answer is encoded."""

    status: int
    code: str  # empty: the body is a page, not an answer of the gateway
    message: str
    body: Body  # the JSON object, or a page's text
    shape: Shape | None = None  # the shape that the body must have


def to_bytes(body: Body, charset: str) -> bytes:
    """An answer's body, encoded. Korean text is not escaped."""
    if isinstance(body, str):
        return charsets.encode(body, charset)
    return charsets.encode(_write(body), charset)


def written(outcome: Outcome, charset: str, rule: Rule | None) -> tuple[Reply, Body]:
    """The answer as sent, and its body before encoding, both with the changes of the rule."""
    body = outcome.body if rule is None else _spoiled(outcome, rule)
    media = HTML if isinstance(outcome.body, str) else JSON
    if rule is None:
        content_type = charsets.content_type(media, charset)
        return Reply(
            outcome.status, (("Content-Type", content_type),), to_bytes(body, charset)
        ), body
    kind = rule.reply.kind
    real, label = (rule.charset.bytes, rule.charset.label) if rule.charset else (charset, charset)
    if kind == "duplicate-keys" and not isinstance(body, str):
        payload = charsets.encode(_with_each_key_twice(body), real)
    else:
        payload = (_UTF_8_BOM if kind == "bom" else b"") + to_bytes(body, real)
    reply = Reply(
        200 if kind in _ALWAYS_200 else outcome.status,
        _headers(charsets.content_type(media, label), rule),
        payload,
        Wire(
            fate=kind if kind in _ON_THE_WIRE else "send",
            delay=_wait(rule),
            pace=rule.reply.pace.total_seconds(),
        ),
    )
    return reply, body


def _wait(rule: Rule) -> float:
    """Seconds before the first byte. A true answer has to wait until a late approval has happened."""
    told_at_once = rule.effect == "late" and rule.reply.kind in _NOT_THE_TRUTH
    return 0.0 if told_at_once else rule.delay.total_seconds()


def _spoiled(outcome: Outcome, rule: Rule) -> Body:
    """The body that a rule sends instead of the true one."""
    if rule.reply.kind == "empty" or outcome.status in _BODILESS:
        return ""
    if rule.reply.kind == "garbage":
        return rule.reply.body or "정상 처리되었습니다. (OK)"
    if rule.patch and not isinstance(outcome.body, str):
        return patched(outcome.body, rule.patch, add=outcome.code == SUCCESS)
    return outcome.body


def _headers(content_type: str, rule: Rule) -> tuple[tuple[str, str], ...]:
    headers = {"Content-Type": content_type}
    for name, value in rule.headers:
        same = next((known for known in headers if known.lower() == name.lower()), name)
        headers[same] = value
    return tuple(headers.items())


def _with_each_key_twice(body: Mapping[str, Any]) -> str:
    def pair(key: str, value: Any) -> str:
        return f"{_write(key)}:{_write(value)}"

    return (
        "{" + ",".join(f"{pair(key, '')},{pair(key, value)}" for key, value in body.items()) + "}"
    )


def patched(body: Mapping[str, Any], patches: tuple[Patch, ...], *, add: bool) -> Mapping[str, Any]:
    """The answer with single keys changed or dropped; the other keys keep their order.

    Without `add` only existing keys change, so that a refusal does not get a payment's keys.
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
            return  # there is no such key to drop
        body[key] = dict(inner) if isinstance(inner, Mapping) else {}
        _patch(body[key], replace(patch, path=tuple(deeper)))
    elif patch.drop:
        body.pop(key, None)
    else:
        body[key] = _like(body.get(key), patch.value) if patch.plain else patch.value


def _like(present: Any, typed: Any) -> Any:
    """The value of an unquoted text: as typed, unless it replaces a number, true or false."""
    if not isinstance(present, int | float) or not isinstance(typed, str):
        return typed
    try:
        value = json.loads(typed)
    except (ValueError, RecursionError):
        return typed
    return value if isinstance(value, bool | int | float) else typed


def gateway_page(status: int, text: str = "") -> str:
    """The HTML page of a proxy in front of the gateway."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    detail = f"<p>{escape(text)}</p>" if text else ""
    title = f"{status} {phrase}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        f"<hr><center>nicepay</center>{detail}\r\n</body>\r\n</html>\r\n"
    )
