"""Turning outcomes into bytes: true answers, patched ones, and each way to spoil one."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mock_nicepay.core.answers import (
    Outcome,
    gateway_page,
    patched,
    to_bytes,
    written,
)
from mock_nicepay.core.scenarios.language import Charset, Patch, ReplyPlan, Rule

BODY: dict[str, Any] = {"resultCode": "0000", "resultMsg": "정상 똠", "amount": 1004, "card": None}
TRUE = Outcome(200, "0000", "정상 똠", BODY)
REFUSED = Outcome(401, "U104", "사용자 인증", {"resultCode": "U104", "resultMsg": "사용자 인증"})
TEXT = '{"resultCode":"0000","resultMsg":"정상 똠","amount":1004,"card":null}'
JSON_UTF_8 = ("Content-Type", "application/json;charset=utf-8")


def rule(kind: str = "ok", *, body: str = "", **parts: Any) -> Rule:
    """A rule with one kind of reply."""
    return Rule(("token.issue",), reply=ReplyPlan(kind, body=body), **parts)


@pytest.mark.parametrize(
    ("expected", "body", "charset"),
    [
        (TEXT.encode(), BODY, "utf-8"),
        (TEXT.encode("cp949"), BODY, "euc-kr"),
        ("점검".encode(), "점검", "utf-8"),
        (b'{"a":"?"}', {"a": "😀"}, "euc-kr"),
        (b'{"a":"?"}', {"a": "\ud800"}, "utf-8"),
        (b'{"a":"\\"\\n"}', {"a": '"\n'}, "utf-8"),
    ],
)
def test_korean_text_goes_out_as_korean_text(expected: bytes, body: Any, charset: str) -> None:
    """Compact JSON in the real bytes of the charset, nothing escaped that need not be."""
    assert expected == to_bytes(body, charset)


@pytest.mark.parametrize(
    ("media", "outcome", "charset"),
    [
        ("application/json;charset=utf-8", TRUE, "utf-8"),
        ("application/json;charset=euc-kr", TRUE, "euc-kr"),
        ("text/html;charset=utf-8", Outcome(502, "", "", "<html>"), "utf-8"),
    ],
)
def test_a_true_answer_is_sent_plainly(media: str, outcome: Outcome, charset: str) -> None:
    """Its status, its Content-Type, its bytes, at once."""
    reply, _ = written(outcome, charset, None)
    assert (outcome.status, (("Content-Type", media),), "send", 0.0) == (
        reply.status,
        reply.headers,
        reply.wire.fate,
        reply.wire.delay,
    )


@pytest.mark.parametrize(
    ("status", "body", "fate", "outcome", "played"),
    [
        (200, TEXT.encode(), "send", TRUE, rule()),
        (200, TEXT.encode(), "hang", TRUE, rule("hang")),
        (200, TEXT.encode(), "reset", TRUE, rule("reset")),
        (200, TEXT.encode(), "truncate", TRUE, rule("truncate")),
        (200, TEXT.encode(), "drip", TRUE, rule("drip")),
        (200, b"", "send", REFUSED, rule("empty")),
        (200, "정상 처리되었습니다. (OK)".encode(), "send", REFUSED, rule("garbage")),
        (200, b"<oops>", "send", TRUE, rule("garbage", body="<oops>")),
        (200, b"\xef\xbb\xbf" + TEXT.encode(), "send", TRUE, rule("bom")),
        (200, TEXT.encode("cp949"), "send", TRUE, rule(charset=Charset("euc-kr", "utf-8"))),
        (
            200,
            b"\xef\xbb\xbf" + TEXT.encode("cp949"),
            "send",
            TRUE,
            rule("bom", charset=Charset("euc-kr", "euc-kr")),
        ),
        (
            401,
            '{"resultCode":"","resultCode":"U104","resultMsg":"","resultMsg":"사용자 인증"}'.encode(),
            "send",
            REFUSED,
            rule("duplicate-keys"),
        ),
    ],
)
def test_each_fault_spoils_its_own_part(
    status: int, body: bytes, fate: str, outcome: Outcome, played: Rule
) -> None:
    """Bytes, status or journey: what a rule does not name stays true."""
    reply, _ = written(outcome, "utf-8", played)
    assert (status, body, fate) == (reply.status, reply.body, reply.wire.fate)


@pytest.mark.parametrize(
    ("expected", "played"),
    [
        ((JSON_UTF_8,), rule()),
        ((("Content-Type", "application/json;charset=utf-8"),), rule("empty")),
        (
            (("Content-Type", "application/json;charset=euc-kr"),),
            rule(charset=Charset("utf-8", "euc-kr")),
        ),
        (
            (("Content-Type", "application/json;charset=x-made-up"),),
            rule(charset=Charset("utf-8", "x-made-up")),
        ),
        ((("Content-Type", "text/plain"),), rule(headers=(("content-type", "text/plain"),))),
        ((JSON_UTF_8, ("X-A", "1")), rule(headers=(("X-A", "1"),))),
        ((JSON_UTF_8, ("X-A", "2")), rule(headers=(("X-A", "1"), ("x-a", "2")))),
    ],
)
def test_headers_are_replaced_in_any_case(
    expected: tuple[tuple[str, str], ...], played: Rule
) -> None:
    """The label may contradict the bytes, and a header of the rule wins over ours."""
    assert expected == written(TRUE, "utf-8", played)[0].headers


def test_delay_and_pace_travel_with_the_answer() -> None:
    """In seconds; nothing waits here."""
    slow = Rule(
        ("token.issue",),
        reply=ReplyPlan("drip", pace=timedelta(milliseconds=5)),
        delay=timedelta(seconds=2),
    )
    wire = written(TRUE, "utf-8", slow)[0].wire
    assert ("drip", 2.0, 0.005) == (wire.fate, wire.delay, wire.pace)


@pytest.mark.parametrize(
    ("expected", "patch"),
    [
        ({"amount": 5}, Patch(("amount",), 5)),
        ({"amount": "5"}, Patch(("amount",), "5")),
        ({"amount": 5}, Patch(("amount",), "5", plain=True)),
        ({"amount": "much"}, Patch(("amount",), "much", plain=True)),
        ({"amount": False}, Patch(("amount",), "false", plain=True)),
        ({"resultCode": "3011"}, Patch(("resultCode",), "3011", plain=True)),
        ({"card": "1.5"}, Patch(("card",), "1.5", plain=True)),
        ({"card": None}, Patch(("card",), None)),
        ({"card": {"no": "1"}}, Patch(("card", "no"), "1")),
        ({"card": None}, Patch(("card", "no"), drop=True)),
        ({"amount": {"won": 1}}, Patch(("amount", "won"), 1)),
        ({"extra": "x"}, Patch(("extra",), "x")),
        ({"extra": "true"}, Patch(("extra",), "true", plain=True)),
        ({"extra": "3011"}, Patch(("extra",), "3011", plain=True)),
        ({"amount": [1]}, Patch(("amount",), [1])),
        ({}, Patch(("gone",), drop=True)),
    ],
)
def test_a_patch_changes_one_key(expected: dict[str, Any], patch: Patch) -> None:
    """Unquoted is text as typed, unless it replaces a number or a boolean; the rest stays."""
    result = patched(BODY, (patch,), add=True)
    assert {**BODY, **expected} == result
    assert list({**BODY, **expected}) == list(result)


def test_a_patch_drops_a_key() -> None:
    """The key is not there any more, and the others stay in order."""
    assert ["resultCode", "resultMsg", "card"] == list(
        patched(BODY, (Patch(("amount",), drop=True),), add=True)
    )


def test_patches_follow_each_other_and_leave_the_true_answer_alone() -> None:
    """Nested objects are copied before they change."""
    body = {"card": {"no": "1", "name": "삼성"}}
    patches = (Patch(("card", "no"), "2"), Patch(("card", "name"), drop=True))
    assert {"card": {"no": "2"}} == patched(body, patches, add=True)
    assert {"card": {"no": "1", "name": "삼성"}} == body


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        ({**BODY, "amount": 1, "new": 1}, TRUE),
        ({"resultCode": "U104", "resultMsg": "사용자 인증"}, REFUSED),
    ],
)
def test_a_refusal_gains_no_keys(expected: dict[str, Any], outcome: Outcome) -> None:
    """Keys of a success are patched into a success only."""
    played = rule(patch=(Patch(("amount",), 1), Patch(("new",), 1)))
    assert expected == json.loads(written(outcome, "utf-8", played)[0].body)


@pytest.mark.parametrize(
    ("expected", "status"),
    [("502 Bad Gateway", 502), ("503 Service Unavailable", 503), ("599 Error", 599)],
)
def test_a_page_is_html(expected: str, status: int) -> None:
    """The status and its phrase, whatever the number, and text that cannot break out."""
    page = gateway_page(status, "<b>점검</b>")
    assert f"<h1>{expected}</h1>" in page
    assert "<p>&lt;b&gt;점검&lt;/b&gt;</p>" in page
