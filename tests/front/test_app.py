"""The Flask door, alone and held against the ASGI door."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
import requests
from flask import Flask
from serving import serving
from werkzeug.serving import WSGIRequestHandler, make_server

from mock_nicepay import Sandbox, create_app
from mock_nicepay.front.server.edge import Edge
from mock_nicepay.settings import SettingError, Settings

NOW = "2023-02-28T12:53:17.657+0900"
SERVER = ("S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee")
TOKEN = "/v1/access-token"


def fresh() -> Sandbox:
    """A sandbox that answers the same to the same calls."""
    options = {"self_check": True, "log": "quiet", "clock": NOW, "body_limit": 2000}
    return Sandbox(Settings.read(options, environment={}))


@pytest.fixture
def app() -> Flask:
    """The gateway as a Flask app."""
    return create_app(fresh())


def basic(pair: tuple[str, str] = SERVER) -> dict[str, str]:
    """The header of a Basic login."""
    return {"Authorization": f"Basic {base64.b64encode(':'.join(pair).encode()).decode()}"}


def test_an_access_token_opens_a_protected_call(app: Flask) -> None:
    """Basic for the token, the token for the rest."""
    client = app.test_client()
    answer = client.post(TOKEN, headers=basic())
    assert (200, "0000") == (answer.status_code, answer.get_json()["resultCode"])
    bearer = {"Authorization": f"Bearer {answer.get_json()['accessToken']}"}
    unknown = client.get("/v1/payments/UT0000000m01012302281253170000", headers=bearer)
    assert (404, "U107") == (unknown.status_code, unknown.get_json()["resultCode"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "U320"),
        ("GET", "/", 404, "U320"),
        ("GET", TOKEN, 405, "U308"),
        ("PROPFIND", TOKEN, 405, "U308"),
        ("OPTIONS", TOKEN, 405, "U308"),
        ("GET", "/no%0Awhere", 404, "U320"),
        ("GET", "/v1/payments/UT%0A0", 401, "U104"),
        ("POST", "/static/x.js", 404, "U320"),
    ],
)
def test_a_wrong_address_is_refused_in_json(
    app: Flask, method: str, path: str, status: int, code: str
) -> None:
    """Flask's own pages never show."""
    answer = app.test_client().open(path, method=method)
    assert (status, code) == (answer.status_code, answer.get_json()["resultCode"])


def test_korean_comes_in_euc_kr(app: Flask) -> None:
    """Bytes and label agree."""
    answer = app.test_client().post(f"{TOKEN}?returnCharSet=euc-kr", headers=basic())
    assert "application/json;charset=euc-kr" == answer.headers["Content-Type"]
    assert "정상 처리되었습니다." == json.loads(answer.data.decode("euc-kr"))["resultMsg"]


def test_the_control_plane_is_there(app: Flask) -> None:
    """A merchant made there can call, and its journal is kept."""
    client = app.test_client()
    merchant = client.post("/_mock/merchants", json={"window": "client"}).get_json()
    client.post(TOKEN, headers=basic((merchant["clientId"], merchant["secretKey"])))
    journal = client.get(f"/_mock/journal?merchant={merchant['clientId']}").get_json()
    assert ["token.issue"] == [entry["call"] for entry in journal["entries"]]


def test_an_app_is_made_from_settings() -> None:
    """Options are the sandbox's settings; the sandbox can be had."""
    app = create_app(edition="gateway", clock=NOW)
    assert "gateway" == app.extensions["mock_nicepay"].settings.edition
    with pytest.raises(SettingError, match="did you mean edition"):
        create_app(editon="gateway")


# Beside the ASGI door


class Asked(NamedTuple):
    """One request, for any door."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Told(NamedTuple):
    """What a door answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def told(status: int, headers: Any, body: bytes) -> Told:
    """An answer with its headers in one form and order."""
    return Told(status, sorted((name.lower(), value) for name, value in headers), body)


def by_flask(sandbox: Sandbox, asked: Asked) -> Told:
    """The answer of the WSGI door."""
    client = create_app(sandbox).test_client()
    path, _, query = asked.target.partition("?")
    answer = client.open(
        path, query_string=query, method=asked.method, headers=asked.headers, data=asked.body
    )
    return told(answer.status_code, answer.headers.items(), answer.data)


def by_asgi(sandbox: Sandbox, asked: Asked) -> Told:
    """The answer of the ASGI door."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(Edge(sandbox))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(
                asked.method, asked.target, headers=asked.headers, content=asked.body
            )

    answer = asyncio.run(send())
    return told(answer.status_code, answer.headers.items(), answer.content)


def ask(method: str, target: str, body: bytes = b"", login: bool = True, **headers: str) -> Asked:
    """A request of the published Server-approval merchant."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked(method, target, {**(basic() if login else {}), **named}, body)


REQUESTS = {
    "token": ask("POST", TOKEN),
    "token with a body": ask("POST", TOKEN, b'{"returnCharSet":"euc-kr"}'),
    "EUC-KR": ask("POST", f"{TOKEN}?returnCharSet=euc-kr"),
    "empty argument": ask("POST", f"{TOKEN}?returnCharSet="),
    "a plus": ask("POST", f"{TOKEN}?returnCharSet=utf+8"),
    "an escape that is none": ask("POST", f"{TOKEN}?returnCharSet=%zz%"),
    "too long": ask("POST", f"{TOKEN}?returnCharSet={'x' * 11}"),
    "no login": ask("POST", TOKEN, login=False),
    "a login that is none": ask("POST", TOKEN, login=False, Authorization="Basic ?"),
    "a large login": ask("POST", TOKEN, login=False, Authorization=f"Basic {'A' * 65536}"),
    "a body that is not JSON": ask("POST", TOKEN, b"{", Content_Type="application/json"),
    "a form": ask("POST", TOKEN, b"a=b", Content_Type="application/x-www-form-urlencoded"),
    "a body in EUC-KR": ask("POST", TOKEN, '{"a":"한글"}'.encode("euc-kr")),
    "a body of the limit": ask("POST", TOKEN, b" " * 2000),
    "a body beyond the limit": ask("POST", TOKEN, b" " * 2001),
    "no body at all": ask("GET", "/v1/payments/x"),
    "Korean in the path": ask("GET", "/v1/payments/find/%EC%A3%BC%EB%AC%B8"),
    "no UTF-8 in the path": ask("GET", "/v1/payments/%ff%fe"),
    "a NUL in the path": ask("GET", "/v1/payments/%00"),
    "a slash in the path": ask("GET", "/v1/payments/a%2Fb"),
    "a percent sign in the path": ask("GET", "/v1/payments/%2525"),
    "a question mark in the path": ask("GET", "/v1/payments/a%3Fb"),
    "two slashes": ask("GET", "/v1//payments/x"),
    "a slash at the end": ask("GET", "/v1/payments/x/"),
    "the root": ask("GET", "/"),
    "no such path": ask("GET", "/v1/nothing"),
    "wrong method": ask("DELETE", TOKEN),
    "HEAD": ask("HEAD", TOKEN),
    "a method of another protocol": ask("PROPFIND", TOKEN),
    "a scenario by header": ask("POST", TOKEN, X_Mock_Nicepay_Scenario="token-u116-unknown-client"),
    "an unknown scenario by header": ask("POST", TOKEN, X_Mock_Nicepay_Scenario="nothing"),
    "health": ask("GET", "/_mock/health"),
    "merchants": ask("GET", "/_mock/merchants"),
    "a new merchant": ask("POST", "/_mock/merchants", '{"name":"한글 상점"}'.encode()),
    "a scenario": ask("PUT", "/_mock/scenario", b"version: 1\nname: x\n"),
    "a scenario with a mistake": ask("PUT", "/_mock/scenario", b"version: 1\nnam: x\n"),
    "control plane, no such path": ask("GET", "/_mock/helth"),
    "control plane, wrong method": ask("DELETE", "/_mock/health"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_both_doors_answer_alike(name: str) -> None:
    """The same status, headers and bytes, whatever is asked."""
    assert by_asgi(fresh(), REQUESTS[name]) == by_flask(fresh(), REQUESTS[name])


@pytest.mark.parametrize(
    "rule",
    [
        "reply: ok",
        'reply: {code: "U104"}',
        "reply: empty",
        "reply: {http: 502}",
        "reply: {http: 204}",
        "reply: garbage",
        "reply: bom",
        "reply: duplicate-keys",
        "reply: {drip: 0s}",
        "charset: {bytes: euc-kr, label: utf-8}",
        "headers: {X-One: '1'}",
        "delay: 1ms",
    ],
)
def test_both_doors_play_a_fault_alike(rule: str) -> None:
    """What a scenario does to an answer that arrives is the same."""
    answers = []
    doors: list[Callable[[Sandbox, Asked], Told]] = [by_asgi, by_flask]
    for door in doors:
        sandbox = fresh()
        text = f"version: 1\nname: x\nrules:\n  - {{call: token.issue, {rule}}}\n"
        sandbox.choose_scenario(text, SERVER[0])
        answers.append(door(sandbox, ask("POST", TOKEN)))
    assert answers[0] == answers[1]


# Lost answers


@pytest.mark.parametrize("reply", ["reset", "truncate"])
def test_a_cut_answer_is_an_error_of_the_test_client(app: Flask, reply: str) -> None:
    """A test client has no connection to cut: it raises what a socket would."""
    rule = f"version: 1\nname: x\nrules:\n  - {{call: token.issue, reply: {reply}}}\n"
    app.extensions["mock_nicepay"].choose_scenario(rule, SERVER[0])
    with pytest.raises(ConnectionResetError, match="the scenario cuts"):
        app.test_client().post(TOKEN, headers=basic()).get_data()


@pytest.fixture
def wsgi_url(app: Flask) -> Iterator[str]:
    """The app on werkzeug's own server, which lends its connections."""

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            pass

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    with serving(server) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("reset", requests.ConnectionError),
        ("truncate", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_a_wsgi_server_cuts_the_connection(
    app: Flask, wsgi_url: str, reply: str, error: type[Exception]
) -> None:
    """Over a socket the caller meets the same as at the ASGI door."""
    rule = f"version: 1\nname: x\nrules:\n  - {{call: token.issue, reply: {reply}}}\n"
    app.extensions["mock_nicepay"].choose_scenario(rule, SERVER[0])
    with pytest.raises(error):
        requests.post(wsgi_url + TOKEN, auth=SERVER, timeout=20)
