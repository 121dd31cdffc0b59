"""What is recorded of a call, in whose journal, and who is notified."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.journal.recorder import LIVE_KEY_WARNING
from mock_nicepay.sandbox import Sandbox

ID, SECRET = "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"
LIVE = "R2_af4543a0be4d49a98122e01ec2059a56"
Call = Callable[..., Any]


@pytest.fixture
def ask(call: Call) -> Call:
    """The token call of the published merchant, or of another login."""

    def send(**parts: Any) -> Any:
        return call("POST", "/v1/access-token", **{"auth": (ID, SECRET), **parts})

    return send


def latest(sandbox: Sandbox, client_id: str = ID) -> Entry:
    """The newest entry of a journal."""
    return sandbox.journal(client_id)[0]


def test_a_call_is_written_down(ask: Call, sandbox: Sandbox) -> None:
    """Who, when, what, how it ended, and how long it took."""
    ask(query="returnCharSet=utf-8", headers={"User-Agent": "shop/1"})
    entry = latest(sandbox)
    assert (ID, "token.issue", "POST", "/v1/access-token", "returnCharSet=utf-8", 200, "0000") == (
        entry.client_id,
        entry.call,
        entry.method,
        entry.path,
        entry.query,
        entry.status,
        entry.code,
    )
    assert ("2023-02-28T12:53:17.657+0900", True) == (entry.to_json()["at"], entry.ms >= 0)
    assert {"user-agent": "shop/1", "authorization": f"Basic {ID}:********"} == entry.headers


@pytest.mark.parametrize(
    ("journal", "auth"),
    [
        (ID, (ID, SECRET)),
        (ID, (ID, "wrong")),
        (ID, (ID, "")),
        ("unknown", ("S2_nobody", SECRET)),
        ("unknown", (SECRET, ID)),
        ("unknown", "0" * 40),
        ("unknown", None),
    ],
)
def test_an_entry_goes_to_the_merchant_it_names(
    journal: str, auth: Any, ask: Call, sandbox: Sandbox
) -> None:
    """Also when the login is refused; calls of nobody have a journal of their own."""
    ask(auth=auth)
    counts = {name: len(sandbox.journal(name)) for name in (ID, "unknown")}
    assert {ID: 0, "unknown": 0, journal: 1} == counts


@pytest.mark.parametrize(
    ("expected", "auth"),
    [
        (LIVE_KEY_WARNING, (LIVE, SECRET)),
        (LIVE_KEY_WARNING, (SECRET, LIVE)),
        (LIVE_KEY_WARNING, (LIVE.lower(), "x")),
        ("", ("R1_", "x")),
        ("", ("S2_nobody", SECRET)),
    ],
)
def test_a_live_key_is_warned_of(expected: str, auth: Any, ask: Call, sandbox: Sandbox) -> None:
    """Loudly, and without the key."""
    reply = ask(auth=auth)
    entry = latest(sandbox, "unknown")
    assert (401, "U116", expected) == (reply.status, entry.code, entry.warning)
    assert [] == [word for word in (LIVE, LIVE[:10]) if word in json.dumps(entry.to_json())]


def test_a_live_looking_key_of_ours_is_no_reason_to_warn(ask: Call, sandbox: Sandbox) -> None:
    """It was made here, so it is not live."""
    sandbox.add_merchant(clientId=LIVE, secretKey=SECRET)
    ask(auth=(LIVE, SECRET))
    assert ("", "0000") == (latest(sandbox, LIVE).warning, latest(sandbox, LIVE).code)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (None, b""),
        ({"a": 1}, b'{"a": 1}'),
        ({"cardNo": "********"}, b'{"cardNo": "1234"}'),
        ([1, "가"], '[1, "가"]'.encode()),
        ("a=1&secretKey=********", b"a=1&secretKey=x"),
        ("\ufffd\ufffd", "가".encode("cp949")),
        ("x" * 16_384 + "… (65537 bytes)", b"x" * 65_537),
        ("x" * 16_384 + "… (20000 bytes)", b"x" * 20_000),
        ("[" * 16_384 + "… (60000 bytes)", b"[" * 60_000),
        ('["' + "x" * 16_382 + "… (20004 bytes)", b'["' + b"x" * 20_000 + b'"]'),
    ],
)
def test_the_body_is_kept_as_far_as_it_can_be_read(
    expected: object, body: bytes, ask: Call, sandbox: Sandbox
) -> None:
    """JSON as JSON, text as text, both masked and bounded."""
    ask(body=body)
    assert expected == latest(sandbox).body


@pytest.mark.parametrize(
    ("expected", "levels"),
    [("nested too deeply", 60), ("[[[[", 330), ("[[[[", 990), ("[[[[", 30_000)],
)
def test_a_deep_body_can_be_shown(expected: str, levels: int, ask: Call, sandbox: Sandbox) -> None:
    """However deep it is, the entry is JSON that can be written and read."""
    ask(body=b"[" * levels + b"]" * levels)
    shown = json.dumps(latest(sandbox).to_json())
    assert expected in shown
    assert ID == json.loads(shown)["merchant"]


def test_long_parts_are_cut(call: Call, sandbox: Sandbox) -> None:
    """A long method, path, query or header does not fill the memory."""
    call("M" * 999, f"/{'p' * 9999}", query="q" * 9999, headers={"x-long": "h" * 9999})
    entry = latest(sandbox, "unknown")
    assert (20, 2000, 2000, 2000) == (
        len(entry.method),
        len(entry.path),
        len(entry.query),
        len(entry.headers["x-long"]),
    )


@pytest.mark.parametrize(
    ("fate", "effect", "status", "answer", "rule"),
    [
        ("ok", "commit", 200, "{", {"delay": "5s"}),
        ("hang", "commit", 200, "{", {"reply": "hang"}),
        ("hang", "none", 200, "{", {"reply": "hang", "effect": "none"}),
        ("code", "none", 200, "{", {"reply": {"code": "3011"}}),
        ("http", "none", 502, "<html>", {"reply": {"http": 502}}),
        ("http", "none", 504, "late", {"reply": {"http": 504, "body": "late"}}),
    ],
)
def test_a_rule_is_told_with_the_call(
    fate: str,
    effect: str,
    status: int,
    answer: str,
    rule: dict[str, Any],
    ask: Call,
    sandbox: Sandbox,
) -> None:
    """Which rule fired, what it did, and the answer as it would have been read."""
    scenario = {"version": 1, "name": "mine", "rules": [{"call": "token.issue", **rule}]}
    line = sandbox.choose_scenario(scenario, ID).rules[0].line
    ask()
    entry = latest(sandbox)
    assert ("mine", line, effect, fate, status) == (
        entry.scenario,
        entry.line,
        entry.effect,
        entry.fate,
        entry.status,
    )
    assert entry.rule.startswith("token.issue -> ")
    shown = entry.answer if isinstance(entry.answer, str) else json.dumps(entry.answer)
    assert shown.startswith(answer)


def test_tokens_are_cut_in_the_answer(ask: Call, sandbox: Sandbox) -> None:
    """The journal does not give a live token away."""
    token = ask().json["accessToken"]
    assert f"{token[:6]}…(40)" == latest(sandbox).answer["accessToken"]


def test_scenarios_hear_what_the_caller_heard(ask: Call, call: Call, sandbox: Sandbox) -> None:
    """An answer that never arrived counts as none, and a call to nowhere does not count."""
    expect = [{"never": "token.issue", "answered": "present"}]
    rules = [{"call": "token.issue", "times": 1, "reply": "hang"}]
    sandbox.choose_scenario({"version": 1, "name": "s", "rules": rules, "expect": expect}, ID)
    ask()
    call("POST", "/v1/nowhere", auth=(ID, SECRET))
    (row,) = sandbox.report(ID)
    assert ({"token.issue": 1}, True) == (row["calls"], row["ok"])
    ask()
    (row,) = sandbox.report(ID)
    assert ({"token.issue": 2}, False) == (row["calls"], row["ok"])


def test_listeners_hear_of_every_call(ask: Call, call: Call, sandbox: Sandbox) -> None:
    """Each in turn, after the entry is stored, for calls of any merchant."""
    heard: list[tuple[int, int]] = []
    sandbox.recorder.listeners.append(
        lambda entry: heard.append((entry.id, len(sandbox.journal())))
    )
    sandbox.recorder.listeners.append(lambda entry: heard.append((-entry.id, 0)))
    ask()
    call("GET", "/v1/nowhere")
    assert [(1, 1), (-1, 0), (2, 2), (-2, 0)] == heard


def test_a_huge_login_is_bounded(ask: Call, sandbox: Sandbox) -> None:
    """A header of 64 KiB becomes a short line."""
    header = base64.b64encode(b"x" * 40_000 + b":y").decode()
    ask(auth=None, headers={"Authorization": f"Basic {header}"})
    entry = latest(sandbox, "unknown")
    assert ("U116", True) == (entry.code, len(json.dumps(entry.to_json())) < 2000)


@pytest.mark.parametrize("charset", ["utf-8", "euc-kr"])
def test_a_harmless_call_is_kept_as_it_was(charset: str, sandbox: Sandbox, call: Call) -> None:
    """With escapes, Korean or a Bearer login the entry still has all parts."""
    token = call("POST", "/v1/access-token", auth=(ID, SECRET)).json["accessToken"]
    body = {"reason": "변심\n", "orderId": "주문 100%", "returnCharSet": charset}
    sent = json.dumps(body).encode()
    call("POST", "/v1/payments/T1/cancel", auth=token, body=sent, query="a=%EA%B0%80")
    entry = latest(sandbox)
    assert (body, "a=%EA%B0%80", f"Bearer {token[:6]}…(40)") == (
        entry.body,
        entry.query,
        entry.headers["authorization"],
    )


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ('{"reason": "T\\u006fKEN", "orderId": "1"}', ""),
        ('{"T\\u006fKEN": "x"}', ""),
        ('{"reason": "T\\u006fKEN', ""),
        ("", "ediDate=T%6fKEN&signData=x"),
        ("", "signData=x&T%6FKEN=1"),
    ],
)
def test_a_token_spelt_in_escapes_is_hidden_where_it_is_read(
    body: str, query: str, sandbox: Sandbox, call: Call
) -> None:
    """Neither body nor message nor diagnosis shows it after parsing."""
    token = call("POST", "/v1/access-token", auth=(ID, SECRET)).json["accessToken"]
    spelt = [
        text.replace("T", token[:1])
        .replace("\\u006f", f"\\u00{ord(token[1]):x}")
        .replace("%6f", f"%{ord(token[1]):x}")
        .replace("%6F", f"%{ord(token[1]):X}")
        .replace("KEN", token[2:])
        for text in (body, query)
    ]
    path = "/v1/payments/T1/cancel" if body else "/v1/payments/T1"
    call("POST" if body else "GET", path, auth=token, body=spelt[0].encode(), query=spelt[1])
    assert token not in json.dumps(latest(sandbox).to_json(), ensure_ascii=False)
