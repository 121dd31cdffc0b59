"""The access-token call, rule by rule (behaviour of the manual's chapters on keys and tokens)."""

import json
from base64 import b64encode
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.core.records import Merchant
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

NOON = "2023-02-28T12:53:17.657+0900"


def make(**options: Any) -> Sandbox:
    """A sandbox that stands still at noon and checks its own answers."""
    return Sandbox(Settings.read({"self_check": True, "clock": NOON, **options}, environment={}))


def header_of(merchant: Merchant) -> dict[str, str]:
    """The merchant's Basic header."""
    return {
        "authorization": f"Basic {b64encode(f'{merchant.client_id}:{merchant.secret_key}'.encode()).decode()}"
    }


def ask(sandbox: Sandbox, headers: dict[str, str], query: str = "", body: bytes = b"") -> Reply:
    """One access-token call."""
    return sandbox.handle(Request("POST", "/v1/access-token", query, headers, body))


def answer(reply: Reply) -> dict[str, Any]:
    """The answer's JSON."""
    body: dict[str, Any] = json.loads(reply.body)
    return body


@pytest.mark.parametrize(
    ("keys", "edition"),
    [
        (
            ["resultCode", "resultMsg", "accessToken", "tokenType", "expireAt", "expiredAt", "now"],
            "union",
        ),
        (["resultCode", "resultMsg", "accessToken", "tokenType", "expiredAt", "now"], "manual"),
        (["resultCode", "resultMsg", "accessToken", "tokenType", "expireAt", "now"], "gateway"),
    ],
)
def test_the_edition_names_the_expiry(keys: list[str], edition: str) -> None:
    """Key order as recorded; the edition decides how the expiry is called."""
    sandbox = make(edition=edition)

    assert keys == list(answer(ask(sandbox, header_of(sandbox.merchants()[0]))))


@pytest.mark.parametrize(
    ("code", "edition", "expiry"),
    [("0000", "union", "expireAt"), ("0000", "manual", "expiredAt"), ("U304", "gateway", None)],
)
def test_a_live_bearer_answers_itself_where_allowed(
    code: str, edition: str, expiry: str | None
) -> None:
    """Contradiction 1: a token may ask for a token in some editions, and gets itself."""
    sandbox = make(edition=edition)
    first = answer(ask(sandbox, header_of(sandbox.merchants()[0])))
    sandbox.advance(timedelta(minutes=10))
    reply = ask(sandbox, {"authorization": f"bearer {first['accessToken']}"})

    assert code == answer(reply)["resultCode"]
    assert (200 if expiry else 401) == reply.status
    if expiry:
        assert first["accessToken"] == answer(reply)["accessToken"]
        assert first[expiry] == answer(reply)[expiry]
        assert first["now"] != answer(reply)["now"]


def test_a_dead_bearer_is_refused() -> None:
    """An expired token does not get itself, nor a new one."""
    sandbox = make()
    token = answer(ask(sandbox, header_of(sandbox.merchants()[0])))["accessToken"]
    sandbox.advance(timedelta(minutes=31))
    reply = ask(sandbox, {"authorization": f"Bearer {token}"})

    assert (401, "U104") == (reply.status, answer(reply)["resultCode"])


def test_a_token_repeats_in_its_life_and_is_new_after_it() -> None:
    """The same token with the same expiry; only `now` moves. From the expiry on, another."""
    sandbox = make(edition="gateway")
    header = header_of(sandbox.merchants()[0])
    first = answer(ask(sandbox, header))
    sandbox.advance(timedelta(minutes=30) - timedelta(milliseconds=1))
    second = answer(ask(sandbox, header))
    sandbox.advance(timedelta(milliseconds=1))
    third = answer(ask(sandbox, header))

    assert {**first, "now": second["now"]} == second
    assert "2023-02-28T13:23:17.656+0900" == second["now"]
    assert third["accessToken"] != first["accessToken"]
    assert "2023-02-28T13:53:17.657+0900" == third["expireAt"]


@pytest.mark.parametrize(
    ("life", "options"),
    [("2h", {"token_lifetime": "2h"}), ("30m", {}), ("1s", {"token_lifetime": "1s"})],
)
def test_the_lifetime_is_a_setting(life: str, options: dict[str, str]) -> None:
    """Contradiction 4: 30 minutes unless set otherwise."""
    sandbox = make(edition="gateway", **options)
    body = answer(ask(sandbox, header_of(sandbox.merchants()[0])))
    seconds = {"2h": 7200, "30m": 1800, "1s": 1}[life]

    assert seconds == (parse_moment(body["expireAt"]) - parse_moment(body["now"])).total_seconds()


@pytest.mark.parametrize("digits", [40, 64])
def test_the_token_form_is_a_setting(digits: int) -> None:
    """Contradiction 3: 40 lower-case hex digits, or 64."""
    sandbox = make(token_digits=str(digits))
    token = answer(ask(sandbox, header_of(sandbox.merchants()[0])))["accessToken"]

    assert digits == len(token)
    assert set(token) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("charset", "edition", "query", "body"),
    [
        ("euc-kr", "union", "returnCharSet=euc-kr", b""),
        ("euc-kr", "union", "returnCharSet=EUC-KR", b""),
        ("euc-kr", "union", "", b'{"returnCharSet": "euc-kr"}'),
        ("euc-kr", "union", "returnCharSet=euc-kr", b'{"returnCharSet": "utf-8"}'),
        ("utf-8", "union", "", b"not json"),
        ("utf-8", "union", "returnCharSet=", b""),
        ("utf-8", "union", "returnCharSet=UTF-8", b""),
        ("euc-kr", "gateway", "returnCharSet=euc-kr", b""),
        ("utf-8", "gateway", "", b'{"returnCharSet": "euc-kr"}'),
        ("utf-8", "gateway", "", b"not json"),
        ("euc-kr", "manual", "", b'{"returnCharSet": "EUC-KR"}'),
        ("utf-8", "manual", "returnCharSet=euc-kr", b""),
    ],
)
def test_the_edition_says_where_the_charset_stands(
    charset: str, edition: str, query: str, body: bytes
) -> None:
    """Contradiction 5: query, body, or both with the query first. Bytes and label agree."""
    sandbox = make(edition=edition)
    reply = ask(sandbox, header_of(sandbox.merchants()[0]), query, body)

    assert f"application/json;charset={charset}" == reply.header("Content-Type")
    text = reply.body.decode("cp949" if charset == "euc-kr" else "utf-8")
    assert "정상 처리되었습니다." == json.loads(text)["resultMsg"]


@pytest.mark.parametrize(
    ("code", "message", "value"),
    [
        ("U105", "필드 최대길이 초과[max:10, realLength:11]", "utf-8-utf-8"),
        ("U105", "필드 최대길이 초과[max:10, realLength:12]", "%ea%b0%80" * 4),
        ("U132", "허용된 옵션 내용이 아닙니다.[utf-7]", "utf-7"),
        ("U132", "허용된 옵션 내용이 아닙니다.[Utf-8]", "Utf-8"),
        ("U132", "허용된 옵션 내용이 아닙니다.[가가가]", "%ea%b0%80" * 3),
    ],
)
def test_a_wrong_charset_is_refused(code: str, message: str, value: str) -> None:
    """More than 10 bytes is U105, any other word U132 (contradictions 6 and 7)."""
    sandbox = make()
    body = answer(ask(sandbox, header_of(sandbox.merchants()[0]), f"returnCharSet={value}"))

    assert {"resultCode": code, "resultMsg": message} == body


@pytest.mark.parametrize(
    ("status", "code", "auth_type", "scheme"),
    [
        (200, "0000", "any", "basic"),
        (403, "U103", "basic", "basic"),
        (200, "0000", "token", "basic"),
    ],
)
def test_the_authorization_type_of_the_key(
    status: int, code: str, auth_type: str, scheme: str
) -> None:
    """A key of type Basic may not issue tokens."""
    sandbox = make()
    reply = ask(sandbox, header_of(sandbox.add_merchant(authType=auth_type)))

    assert (status, code) == (reply.status, answer(reply)["resultCode"])


@pytest.mark.parametrize(
    ("basic", "bearer", "auth_type"), [(404, 404, "any"), (404, None, "basic"), (401, 404, "token")]
)
def test_what_a_key_may_log_in_with_elsewhere(
    basic: int, bearer: int | None, auth_type: str
) -> None:
    """On the other calls Basic or Bearer is accepted as the key's type allows."""
    sandbox = make()
    merchant = sandbox.add_merchant(authType=auth_type)

    def look_up(headers: dict[str, str]) -> int:
        return sandbox.handle(Request("GET", "/v1/payments/none", "", headers)).status

    assert basic == look_up(header_of(merchant))
    if bearer is not None:
        token = answer(ask(sandbox, header_of(merchant)))["accessToken"]
        assert bearer == look_up({"authorization": f"BEARER {token}"})


def test_the_messages_are_korean() -> None:
    """The six outcomes carry the published Korean texts."""
    sandbox = make()
    merchant = sandbox.merchants()[0]

    def said(header: str | None) -> str:
        headers = {"authorization": header} if header is not None else {}
        return str(answer(ask(sandbox, headers))["resultMsg"])

    assert "BASIC AUTHENTICATION 실패" == said(None)
    assert "BASE64 DECODE 실패" == said("Basic !!!")
    assert "사용자 비밀번호가 일치하지 않습니다." == said(f"Basic {b64encode(b'id:').decode()}")
    assert "사용자 정보가 존재하지 않습니다." == said(f"Basic {b64encode(b'id:key').decode()}")
    basic_key = sandbox.add_merchant(authType="basic")
    assert (
        "사용자 인증타입이 맞지 않습니다."
        == answer(ask(sandbox, header_of(basic_key)))["resultMsg"]
    )
    reply = sandbox.handle(Request("GET", "/v1/payments/none"))
    assert "사용자 인증에 실패하였습니다." == answer(reply)["resultMsg"]
    assert merchant.client_id


def test_eight_at_once_get_one_token() -> None:
    """Simultaneous requests of one merchant are answered with the same token."""
    sandbox = make()
    header = header_of(sandbox.merchants()[0])
    barrier, tokens = Barrier(8), []

    def run() -> None:
        barrier.wait()
        tokens.append(answer(ask(sandbox, header))["accessToken"])

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 == len(set(tokens))
    assert 8 == len(tokens)


def test_merchants_have_tokens_of_their_own() -> None:
    """One merchant's token says nothing about another's."""
    sandbox = make()
    tokens = {
        answer(ask(sandbox, header_of(m)))["accessToken"]
        for m in sandbox.merchants()
        if m.auth_type != "basic"
    }

    assert 4 == len(tokens)
