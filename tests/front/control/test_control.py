"""The control plane: every action, and the answer to each mistake."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mock_nicepay.contract.receipts import Parts
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.core.billing.keys import Registration, register
from mock_nicepay.core.cards.numbers import card_of
from mock_nicepay.core.receipts.issue import IssueWish, issue
from mock_nicepay.core.records import Account, Payment, Session
from mock_nicepay.core.scenarios.library import ready_made_files
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.control.plane import ACTIONS
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

ID, SECRET = "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"
OTHER = "S1_6eaa0db1afdc41f3becb770878d67d25"
NOW = "2023-02-28T12:53:17.657+0900"
SCENARIO = {
    "version": 1,
    "name": "mine",
    "description": "한글",
    "rules": [{"call": "token.issue", "times": 1, "reply": {"code": "3011"}}],
    "timeline": [{"at": "+31m", "do": "token.expire"}],
    "expect": [{"called": "token.issue"}],
}
Call = Callable[..., Any]


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A gateway with the settings a test asks for."""
    options = {"self_check": True, "clock": NOW, **getattr(request, "param", {})}
    return Sandbox(Settings.read(options, environment={}))


@pytest.fixture
def mock(call: Call) -> Call:
    """Send a request to the control plane: `mock("PUT", "/clock?merchant=...", body)`."""

    def send(method: str, path: str, body: Any = b"", **headers: str) -> Any:
        path, _, query = path.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(method, f"/_mock{path}", query=query, body=body, headers=named)

    return send


@pytest.fixture
def ask(call: Call) -> Call:
    """The token call of the published merchant."""
    return lambda: call("POST", "/v1/access-token", auth=(ID, SECRET))


def error(reply: Any) -> str:
    """The error of a refused request."""
    assert "application/json;charset=utf-8" == reply.header("content-type")
    return str(reply.json["error"])


MERCHANT_KEYS = [
    "clientId",
    "secretKey",
    "window",
    "authType",
    "name",
    "mid",
    "allow",
    "edition",
    "otherSecretKey",
    "repeatsOrderIds",
    "recurring",
    "keyIn",
    "cardFields",
    "settlementCurrency",
]
KEY_KEYS = ["clientId", "secretKey", "window", "authType", "merchant"]


PAYMENT_KEYS = [
    "tid",
    "merchant",
    "orderId",
    "status",
    "processing",
    "method",
    "payMethod",
    "keyedIn",
    "amount",
    "balanceAmt",
    "coupon",
    "currency",
    "goodsName",
    "authToken",
    "approveNo",
    "channel",
    "tax",
    "times",
    "escrow",
    "card",
    "bank",
    "account",
    "cancelledTid",
    "cancels",
    "cashReceipts",
]


SESSION_KEYS = [
    "sessionId",
    "merchant",
    "orderId",
    "status",
    "isExpire",
    "tid",
    "amount",
    "currency",
    "goodsName",
    "method",
    "fake",
    "url",
    "returnUrl",
    "madeAt",
    "openedAt",
    "expires",
    "expiredAt",
]


DELIVERY_KEYS = [
    "id",
    "merchant",
    "event",
    "method",
    "tid",
    "orderId",
    "url",
    "contentType",
    "state",
    "rule",
    "madeAt",
    "due",
    "body",
    "tries",
]


RECEIPT_KEYS = [
    "tid",
    "merchant",
    "orderId",
    "payment",
    "status",
    "code",
    "amount",
    "balanceAmt",
    "parts",
    "goodsName",
    "type",
    "number",
    "issueNo",
    "askedAt",
    "answerAt",
    "cancels",
]


def filed(sandbox: Sandbox) -> str:
    """The tid of a cash receipt that waits for the tax office."""
    with sandbox.desk.serve(sandbox.merchant(ID)) as context:
        parts = Parts(supply=909, vat=91, tax_free=0, service=0)
        order_id = f"receipt-{len(sandbox.receipts.rows())}"
        wish = IssueWish(order_id, 1000, parts, "상품", "individual", "01012341234")
        return issue(context, wish)[0].tid


KEY_OF_A_CARD_KEYS = [
    "bid",
    "merchant",
    "orderId",
    "tid",
    "status",
    "method",
    "payMethod",
    "card",
    "goodUntil",
    "madeAt",
    "deletedAt",
    "charges",
]


def registered(sandbox: Sandbox) -> str:
    """The bid of a card that can be charged."""
    with sandbox.desk.serve(sandbox.merchant(ID)) as context:
        card = card_of(context, "9404123412341234", quota=0)
        return register(context, Registration("card", card)).bid


def delivered(sandbox: Sandbox) -> str:
    """The id of an event that was sent to an address where nothing listens."""
    put_addresses(sandbox.store, ID, "card", "http://127.0.0.1:9/")
    return sandbox.webhooks.test(sandbox.tenants(ID)[0], "card").id


def checked_out(sandbox: Sandbox) -> str:
    """The id of a checkout session that is not paid yet."""
    id_, now = f"session-{len(sandbox.checkout.sessions())}", sandbox_time()
    page = {"url": "http://127.0.0.1/", "return_url": "http://127.0.0.1/", "method": "card"}
    order = {"session_id": id_, "order_id": id_, "amount": 1004, "goods_name": "상품"}
    life = {"made_at": now, "expires": now + timedelta(1)}
    sandbox.store.put(Session(key=f"{ID}/{id_}", client_id=ID, **order, **page, **life))
    return id_


def prepared(sandbox: Sandbox, path: str) -> str:
    """The path with its variable filled: with a payment to which the action can apply."""
    tid = f"UT0000104m0301230228125317{len(sandbox.ledger.payments()):04d}"
    waits = path.endswith(("/deposit", "/expire"))
    account = Account("003", "기업은행", "12345678901234", "홍길동", sandbox_time() + timedelta(1))
    sandbox.store.put(
        Payment(
            tid,
            ID,
            f"order-{tid}",
            1004,
            1004,
            "상품",
            "vbank",
            "ready" if waits else "paid",
            method="vbank",
            account=account,
            use_escrow=True,
        )
    )
    if "/checkout" in path:
        path = path.replace("{sessionId}", checked_out(sandbox))
    if "{clientId}" in path:
        path = path.replace("{clientId}", sandbox.keys.add(ID, {}).calling_id)
    if "{bid}" in path:
        path = path.replace("{bid}", registered(sandbox))
    if "/receipts" in path:
        path = path.replace("{tid}", filed(sandbox))
    if "/webhooks" in path:
        path = path.replace("{id}", delivered(sandbox))
    return path.replace("{tid}", tid)


def sandbox_time() -> datetime:
    """The time at which the clock of these tests is frozen."""
    return parse_moment(NOW)


SNAPSHOT = {"format": "mock-nicepay snapshot", "version": 1, "records": {}}

# Each action once: its method, its path, a body, and the keys of its answer.
USES: list[tuple[str, str, Any, list[str]]] = [
    ("GET", "/health", b"", ["status", "edition", "scenarios", "merchants"]),
    ("POST", "/reset", b"", ["reset"]),
    ("GET", "/clock", b"", ["now", "mode", "offsetSeconds", "pending"]),
    ("PUT", "/clock", {"clock": "real"}, ["now", "mode", "offsetSeconds", "pending"]),
    ("POST", "/clock/advance", {"minutes": 1}, ["now", "mode", "offsetSeconds", "pending"]),
    ("GET", "/merchants", b"", ["total", "merchants"]),
    (
        "POST",
        "/merchants",
        {},
        MERCHANT_KEYS,
    ),
    (
        "PUT",
        f"/merchants/allow?merchant={ID}",
        {"allow": ["127.0.0.0/8"]},
        MERCHANT_KEYS,
    ),
    (
        "POST",
        f"/merchants/allow/test?merchant={ID}",
        {"address": "10.1.2.3"},
        ["address", "allowed", "rule", "code", "message"],
    ),
    ("GET", "/merchants/keys", b"", ["keys"]),
    ("POST", f"/merchants/keys?merchant={ID}", {"window": "client"}, KEY_KEYS),
    ("POST", "/merchants/keys/{clientId}/reissue", b"", KEY_KEYS),
    ("DELETE", "/merchants/keys/{clientId}", b"", ["deleted"]),
    ("GET", "/scenario", b"", ["own", "standing", "pending"]),
    ("PUT", "/scenario", SCENARIO, ["name", "description", "file", "rules", "source"]),
    ("DELETE", "/scenario", b"", ["own", "standing", "pending"]),
    ("GET", "/scenarios", b"", ["scenarios"]),
    ("GET", "/journal", b"", ["total", "entries"]),
    ("GET", "/report", b"", ["ok", "scenarios"]),
    ("GET", "/tokens", b"", ["total", "tokens"]),
    (
        "GET",
        "/openapi.json",
        b"",
        ["openapi", "info", "servers", "tags", "paths", "webhooks", "components"],
    ),
    ("GET", "/metrics", b"", []),
    ("GET", "/snapshot", b"", ["format", "version", "takenAt", "records"]),
    ("PUT", "/snapshot", SNAPSHOT, ["merchants"]),
    ("GET", "/payments", b"", ["total", "payments"]),
    ("GET", "/payments/{tid}", b"", PAYMENT_KEYS),
    ("POST", "/payments/{tid}/deposit", {"amount": 1004}, PAYMENT_KEYS),
    ("POST", "/payments/{tid}/cancel", {"amount": 4}, PAYMENT_KEYS),
    ("POST", "/payments/{tid}/expire", b"", PAYMENT_KEYS),
    ("POST", "/payments/{tid}/escrow", {"stage": "shipped"}, PAYMENT_KEYS),
    ("GET", "/receipts", b"", ["total", "receipts"]),
    ("POST", "/receipts/confirm", {"orderId": "receipt-*"}, ["answered"]),
    ("POST", "/receipts/reject", {}, ["answered"]),
    ("GET", "/receipts/{tid}", b"", RECEIPT_KEYS),
    ("POST", "/receipts/{tid}/confirm", b"", RECEIPT_KEYS),
    ("POST", "/receipts/{tid}/reject", b"", RECEIPT_KEYS),
    (
        "POST",
        "/window/pay",
        {"clientId": ID, "amount": 1004, "post": False},
        ["form", "response", "fnError", "tid", "returnUrl", "charset", "problem"],
    ),
    ("GET", "/checkout", b"", ["total", "sessions"]),
    ("GET", "/checkout/{sessionId}", b"", SESSION_KEYS),
    (
        "POST",
        "/checkout/{sessionId}/pay",
        {"post": False},
        ["form", "response", "fnError", "tid", "returnUrl", "charset", "problem"],
    ),
    ("POST", "/checkout/{sessionId}/expire", b"", SESSION_KEYS),
    ("GET", "/billing-keys", b"", ["total", "billingKeys"]),
    ("GET", "/billing-keys/{bid}", b"", KEY_OF_A_CARD_KEYS),
    ("POST", "/billing-keys/{bid}/expire", b"", KEY_OF_A_CARD_KEYS),
    ("POST", "/billing-keys/{bid}/suspend", b"", KEY_OF_A_CARD_KEYS),
    ("POST", "/billing-keys/{bid}/resume", b"", KEY_OF_A_CARD_KEYS),
    ("GET", "/webhooks", b"", ["urls", "total", "deliveries"]),
    ("POST", "/webhooks", {"url": "http://127.0.0.1:9/"}, ["urls"]),
    ("DELETE", "/webhooks", b"", ["urls"]),
    ("POST", "/webhooks/test", {"method": "card"}, ["deliveries"]),
    ("POST", "/webhooks/settle", b"", ["waiting"]),
    ("POST", "/webhooks/{id}/resend", b"", DELIVERY_KEYS),
]


@pytest.mark.parametrize(("method", "path", "body", "keys"), USES)
def test_every_action_answers(
    method: str, path: str, body: Any, keys: list[str], mock: Call, sandbox: Sandbox
) -> None:
    """With 200, JSON and its keys (metrics are a text); a last slash makes no difference."""
    for ending in ("", "/"):
        asked, mark, query = prepared(sandbox, path).partition("?")
        reply = mock(method, f"{asked}{ending}{mark}{query}", body)
        media = (
            "application/json;charset=utf-8" if keys else "text/plain; version=0.0.4; charset=utf-8"
        )
        assert (200, media) == (reply.status, reply.header("content-type"))
        assert not keys or keys == list(reply.json)


def test_the_table_above_is_complete() -> None:
    """A new action needs a use."""
    assert [(action.method, action.path) for action in ACTIONS] == [
        (use[0], use[1].partition("?")[0]) for use in USES
    ]


def test_every_action_says_what_it_does() -> None:
    """In one line, for the reference and the console."""
    assert [] == [action.path for action in ACTIONS if not action.help.endswith(".")]


NARROWED = [
    (method, path.partition("?")[0], body)
    for method, path, body, _ in USES
    if path not in {"/health", "/scenarios", "/metrics", "/snapshot"}
    and (method, path) != ("POST", "/merchants")
]


class TestMistakes:
    """Each error says what would be right."""

    @pytest.mark.parametrize(("method", "path", "body"), NARROWED)
    def test_an_unknown_merchant_is_a_404(
        self, method: str, path: str, body: Any, mock: Call
    ) -> None:
        """With the nearest client id, at every action for one merchant."""
        reply = mock(method, f"{path}?merchant={ID[:-1]}0", body)
        assert 404 == reply.status
        assert f"there is no merchant with the client id '{ID[:-1]}0'; the nearest is {ID}" == (
            error(reply)
        )

    @pytest.mark.parametrize(
        ("expected", "path"),
        [
            ("the control plane has no '/_mock/jornal'; did you mean /_mock/journal?", "/jornal"),
            (
                "the control plane has no '/_mock/clock/advanc'; did you mean /_mock/clock/advance?",
                "/clock/advanc",
            ),
            (
                "the control plane has no '/_mock/merchant'; did you mean /_mock/merchants?",
                "/merchant",
            ),
            ("the control plane has no '/_mock'; it has /_mock/health, /_mock/reset,", ""),
            ("the control plane has no '/_mock/'; it has /_mock/health,", "/"),
            ("the control plane has no '/_mock/%%%'; it has /_mock/health,", "/%%%"),
            ("the control plane has no '/_mock/xx", "/" + "x" * 9999),
        ],
    )
    def test_an_unknown_path_is_a_404(self, expected: str, path: str, mock: Call) -> None:
        """With the nearest path, or all there are; never the gateway's own U320."""
        reply = mock("GET", path)
        assert (404, ["error"]) == (reply.status, list(reply.json))
        assert error(reply).startswith(expected)
        assert len(error(reply)) < 900

    @pytest.mark.parametrize(
        ("expected", "method", "path"),
        [
            ("/_mock/clock takes GET or PUT, not POST", "POST", "/clock"),
            ("/_mock/scenario takes GET or PUT or DELETE, not PATCH", "PATCH", "/scenario"),
            ("/_mock/health takes GET, not DELETE", "DELETE", "/health"),
            ("/_mock/reset takes POST, not HEAD", "HEAD", "/reset"),
            ("/_mock/reset takes POST, not get", "get", "/reset"),
            ("/_mock/reset takes POST, not " + "B" * 20, "B" * 99, "/reset"),
        ],
    )
    def test_a_wrong_method_is_a_405(
        self, expected: str, method: str, path: str, mock: Call
    ) -> None:
        """With the methods that would be right."""
        reply = mock(method, path)
        assert (405, expected) == (reply.status, error(reply))

    @pytest.mark.parametrize("path", ["PUT /clock", "POST /clock/advance", "POST /merchants"])
    @pytest.mark.parametrize(
        ("expected", "body"),
        [
            ("the body is not JSON: ", b"{minutes: 1}"),
            ("the body is not JSON: ", b'{"minutes": 1'),
            ("the body is not JSON: ", b"\xff"),
            ("the body is not JSON: ", b"[" * 100_000),
            ("the body must be a JSON object: {...}, not list", b"[1]"),
            ("the body must be a JSON object: {...}, not int", b"5"),
        ],
    )
    def test_a_body_that_is_no_json_object_is_a_400(
        self, expected: str, body: bytes, path: str, mock: Call
    ) -> None:
        """With the reason, on one line."""
        reply = mock(*path.split(" "), body)
        assert 400 == reply.status
        assert error(reply).startswith(expected)

    def test_a_query_of_many_parameters_is_no_crash(self, mock: Call) -> None:
        """The error names the first unknown parameter."""
        reply = mock("GET", "/health?" + "&".join(f"a{n}=1" for n in range(500)))
        assert (400, "/_mock/health takes no 'a") == (reply.status, error(reply)[:25])

    @pytest.mark.parametrize(
        ("expected", "query"),
        [
            ("/_mock/reset takes no 'merchnat'; did you mean merchant?", "merchnat=S2_x"),
            ("merchant is empty; leave it out to mean all", "merchant="),
        ],
    )
    def test_a_mistyped_merchant_does_not_mean_all(
        self, expected: str, query: str, mock: Call
    ) -> None:
        """An unset shell variable must not wipe every parallel test."""
        reply = mock("POST", f"/reset?{query}")
        assert (400, expected) == (reply.status, error(reply))

    def test_the_gateway_does_not_see_the_control_plane(self, mock: Call, sandbox: Sandbox) -> None:
        """No journal has an entry for it."""
        mock("GET", "/health")
        mock("GET", "/nowhere")
        assert [] == sandbox.journal()

    def test_a_path_that_only_begins_alike_is_the_gateways(self, call: Call) -> None:
        """`/_mocked` is an unknown path of the API."""
        assert "U320" == call("GET", "/_mocked").json["resultCode"]


class TestAdminKey:
    """The admin key of a control plane."""

    @pytest.mark.parametrize("sandbox", [{"admin_key": "key 열쇠"}], indirect=True)
    @pytest.mark.parametrize(
        ("expected", "headers"),
        [
            (401, {}),
            (401, {"x_mock_nicepay_admin_key": "key"}),
            (401, {"x_mock_nicepay_admin_key": ""}),
            (401, {"x_mock_nicepay_admin_key": "key 열쇠 "}),
            (401, {"x_mock_nicepay_admin_key": "\ud800"}),
            (401, {"authorization": "Bearer key"}),
            (401, {"authorization": "Basic key 열쇠"}),
            (401, {"authorization": "key 열쇠"}),
            (401, {"authorization": "Bearer key 열쇠", "x_mock_nicepay_admin_key": "x"}),
            (200, {"x_mock_nicepay_admin_key": "key 열쇠"}),
            (200, {"authorization": "Bearer key 열쇠"}),
            (200, {"authorization": "Bearer key 열쇠".encode().decode("latin-1")}),
            (200, {"authorization": "bearer  key 열쇠 "}),
        ],
    )
    def test_only_the_key_opens(self, expected: int, headers: dict[str, str], mock: Call) -> None:
        """In the mock's own header, or as a Bearer; the own header counts first."""
        assert expected == mock("GET", "/health", **headers).status

    @pytest.mark.parametrize("sandbox", [{"admin_key": "key"}], indirect=True)
    def test_nobody_is_told_more_without_it(self, mock: Call, sandbox: Sandbox) -> None:
        """An unknown path, a wrong method and a reset get the same answer, and nothing happens."""
        sandbox.advance(sandbox.settings.token_lifetime, ID)
        replies = [mock("GET", "/zzz"), mock("PUT", "/health"), mock("POST", "/reset")]
        assert {
            (
                401,
                "the control plane needs the admin key: send it as `x-mock-nicepay-admin-key: KEY`",
            )
        } == {(reply.status, error(reply)) for reply in replies}
        assert 1800.0 == sandbox.tenants(ID)[0].clock.now().timestamp() - 1677556397.657

    @pytest.mark.parametrize("sandbox", [{"admin_key": "key"}], indirect=True)
    def test_the_gateway_itself_needs_no_admin_key(self, ask: Call) -> None:
        """Calls of the API go their own way."""
        assert 200 == ask().status

    def test_an_open_one_needs_none(self, mock: Call) -> None:
        """Where no key is set, any key is accepted."""
        assert 200 == mock("GET", "/health", x_mock_nicepay_admin_key="whatever").status


class TestClock:
    """Showing, setting and moving the time."""

    @pytest.mark.parametrize(
        ("mode", "body"),
        [
            ("real", "real"),
            ("real", {"clock": "real"}),
            ("real", {"mode": "real"}),
            ("frozen", "2026-01-31T09:00:00+0900"),
            ("frozen", {"clock": "2026-01-31T09:00:00+0900"}),
            ("frozen", {"now": "2026-01-31"}),
            ("frozen", {"at": "2026-01-31T00:00:00Z"}),
            ("moved", "+2h"),
            ("moved", {"clock": "+2h"}),
            ("moved", {"offset": "-30m"}),
            ("moved", b'\xef\xbb\xbf"+2h"'),
        ],
    )
    def test_it_is_set_in_every_form(self, mode: str, body: Any, mock: Call) -> None:
        """A word, a time or an offset, alone or in an object."""
        reply = mock("PUT", "/clock", json.dumps(body) if isinstance(body, str) else body)
        assert mode == reply.json["mode"]

    def test_it_stands_where_it_was_set(self, mock: Call) -> None:
        """In Korean time, and how far from the real one."""
        reply = mock("PUT", f"/clock?merchant={ID}", {"clock": "2026-01-31T00:00:00Z"})
        assert ("2026-01-31T09:00:00.000+0900", "frozen") == (reply.json["now"], reply.json["mode"])
        assert NOW == mock("GET", "/clock").json["now"]
        assert reply.json["now"] == mock("GET", f"/clock?merchant={ID}").json["now"]

    @pytest.mark.parametrize(
        ("expected", "body"),
        [
            ("'noon' is not a clock setting: write `real`, a time such as", {"clock": "noon"}),
            ("'5' is not a clock setting", {"clock": 5}),
            ("'frozen' is not a clock setting", {"mode": "frozen"}),
            ("'' is not a clock setting", b'""'),
            ('say {"clock": "real"}, {"clock": "2026-01-31T09:00:00+0900"} or', {}),
            ('say {"clock": "real"}', {"clok": "real"}),
            ('say {"clock": "real"}', {"clock": ""}),
            ('say {"clock": "real"}', b""),
        ],
    )
    def test_what_is_no_clock_is_explained(self, expected: str, body: Any, mock: Call) -> None:
        """With the forms that would be right; the clock stays."""
        reply = mock("PUT", "/clock", body)
        assert 400 == reply.status
        assert error(reply).startswith(expected)
        assert NOW == mock("GET", "/clock").json["now"]

    @pytest.mark.parametrize(
        ("expected", "body"),
        [
            ("2023-02-28T13:24:17.657+0900", {"minutes": 31}),
            ("2023-03-07T12:53:17.657+0900", {"days": 7}),
            ("2023-02-28T14:53:18.157+0900", {"hours": 2, "milliseconds": 500}),
            ("2023-02-28T12:53:19.157+0900", {"seconds": 1.5}),
            ("2023-02-28T14:23:17.657+0900", {"by": "1h30m"}),
            (NOW, {"minutes": 0}),
        ],
    )
    def test_it_is_moved_by_every_unit(self, expected: str, body: Any, mock: Call) -> None:
        """Units add up, fractions count."""
        assert expected == mock("POST", "/clock/advance", body).json["now"]

    @pytest.mark.parametrize(
        ("expected", "body"),
        [
            ('say how far, such as {"minutes": 31}; the words are days, hours, minutes', {}),
            ('say how far, such as {"minutes": 31}', b""),
            ('say how far, such as {"minutes": 31}', {"weeks": 1}),
            ('say how far, such as {"minutes": 31}', {"by": "1h", "minutes": 1}),
            ("minutes is '-1'; expected a number of 0 or more", {"minutes": -1}),
            ("minutes is '31'; expected a number", {"minutes": "31"}),
            ("minutes is 'True'; expected a number", {"minutes": True}),
            ("minutes is 'None'; expected a number", {"minutes": None}),
            ("minutes is 'nan'; expected a number", b'{"minutes": NaN}'),
            ("minutes is 'inf'; expected a number", b'{"minutes": Infinity}'),
            ("'soon' is not a duration: write it as 500ms", {"by": "soon"}),
            ("'None' is not a duration", {"by": None}),
            ("that is more than 36500 days", {"days": 36501}),
            ("that is more than 36500 days", {"days": 1e11}),
        ],
    )
    def test_what_is_no_span_is_explained(self, expected: str, body: Any, mock: Call) -> None:
        """With the words that would be right; the clock stays."""
        reply = mock("POST", "/clock/advance", body)
        assert 400 == reply.status
        assert error(reply).startswith(expected)
        assert NOW == mock("GET", "/clock").json["now"]

    def test_it_does_not_go_beyond_the_calendar(self, mock: Call) -> None:
        """The year 2999 is the last; an advance beyond it moves no clock."""
        mock("PUT", "/clock", {"clock": "2999-12-30T00:00:00"})
        reply = mock("POST", "/clock/advance", {"days": 5})
        assert (400, "a clock cannot reach the year 3000") == (reply.status, error(reply))

    def test_what_falls_due_is_told_and_happens(self, mock: Call, ask: Call) -> None:
        """A scenario's timeline is pending, then done."""
        mock("PUT", f"/scenario?merchant={ID}", {**SCENARIO, "rules": []})
        token = ask().json["accessToken"]
        assert [{"at": "2023-02-28T13:24:17.657+0900", "do": "token.expire"}] == (
            mock("GET", f"/clock?merchant={ID}").json["pending"]
        )
        reply = mock("POST", f"/clock/advance?merchant={ID}", {"minutes": 31})
        assert [] == reply.json["pending"]
        assert token != ask().json["accessToken"]


class TestMerchants:
    """Listing and adding."""

    def test_one_is_made_and_listed(self, mock: Call, call: Call) -> None:
        """Its keys work, and it is found by its id."""
        made = mock("POST", "/merchants", {"window": "client", "authType": "token"}).json
        auth = (made["clientId"], made["secretKey"])
        assert "0000" == call("POST", "/v1/access-token", auth=auth).json["resultCode"]
        (listed,) = mock("GET", f"/merchants?merchant={made['clientId']}").json["merchants"]
        assert {**made, "name": listed["name"]} == listed
        assert 6 == len(mock("GET", "/merchants").json["merchants"])

    @pytest.mark.parametrize(
        ("status", "expected", "body"),
        [
            (400, "window is 'x'; expected one of server, client", {"window": "x"}),
            (400, "a merchant has no 'secretkey'; did you mean secretKey?", {"secretkey": "x"}),
            (400, "a merchant has no 'self'; it has clientId, secretKey", {"self": "x"}),
            (409, f"there is already a merchant with the client id {ID}", {"clientId": ID}),
        ],
    )
    def test_a_wrong_one_is_explained(
        self, status: int, expected: str, body: Any, mock: Call
    ) -> None:
        """And nobody is added."""
        reply = mock("POST", "/merchants", body)
        assert status == reply.status
        assert error(reply).startswith(expected)
        assert 5 == len(mock("GET", "/merchants").json["merchants"])


class TestScenario:
    """Choosing what plays."""

    @pytest.mark.parametrize(
        "body",
        [
            SCENARIO,
            "version: 1\nname: mine\nrules: [{call: token.issue, times: 1, reply: {code: '3011'}}]",
            "\ufeffversion: 1\nname: mine\nrules: [{call: token.issue, reply: {code: '3011'}}]",
        ],
    )
    def test_it_is_taken_as_json_or_yaml(self, body: Any, mock: Call, ask: Call) -> None:
        """And shown again; DELETE ends it."""
        put = mock("PUT", f"/scenario?merchant={ID}", body)
        assert ("mine", 1) == (put.json["name"], put.json["rules"])
        assert "mine" == mock("GET", f"/scenario?merchant={ID}").json["own"]["name"]
        assert None is mock("GET", "/scenario").json["own"]
        assert "3011" == ask().json["resultCode"]
        assert None is mock("DELETE", f"/scenario?merchant={ID}").json["own"]
        assert "0000" == ask().json["resultCode"]

    def test_a_ready_made_one_is_taken_by_name(self, mock: Call, ask: Call) -> None:
        """As the library lists it."""
        assert "gateway-502" == mock("PUT", "/scenario", {"name": "gateway-502"}).json["name"]
        assert 502 == ask().status

    def test_the_library_is_listed(self, mock: Call) -> None:
        """Each with its description."""
        rows = mock("GET", "/scenarios").json["scenarios"]
        assert (list(ready_made_files()), True) == (
            [row["name"] for row in rows],
            all(row["description"] for row in rows),
        )

    @pytest.mark.parametrize(
        ("status", "expected", "body"),
        [
            (400, "the body is empty; send a scenario as YAML or JSON", b""),
            (400, "the body is empty", b" \n"),
            (400, "the body is not UTF-8", b"\xff"),
            (404, "there is no scenario 'sucess'; did you mean success?", {"name": "sucess"}),
            (404, "there is no scenario '5'", {"name": 5}),
            (400, "<scenario>:1:1: `name` is missing in a scenario", "version: 1"),
            (400, "<scenario>:1:1: a scenario is a mapping", "success"),
            (400, "<scenario>:", b"[" * 100_000),
        ],
    )
    def test_a_wrong_one_is_explained(
        self, status: int, expected: str, body: Any, mock: Call, ask: Call
    ) -> None:
        """And what played before plays on."""
        reply = mock("PUT", "/scenario", body)
        assert status == reply.status
        assert error(reply).startswith(expected)
        assert "0000" == ask().json["resultCode"]

    def test_every_mistake_of_it_has_a_place(self, mock: Call) -> None:
        """Line, column and message, for an editor to show."""
        reply = mock("PUT", "/scenario", "version: 1\nname: s\nrulez: []\nseed: x\n")
        assert [(3, 1), (4, 7)] == [(row["line"], row["column"]) for row in reply.json["problems"]]
        assert "did you mean `rules`?" in reply.json["problems"][0]["message"]

    @pytest.mark.parametrize("sandbox", [{"scenario": ["slow"]}], indirect=True)
    def test_those_of_the_start_play_on(self, mock: Call) -> None:
        """DELETE ends the scenario of PUT, not those given at start."""
        mock("PUT", "/scenario", SCENARIO)
        left = mock("DELETE", "/scenario").json
        assert (None, ["slow"], []) == (
            left["own"],
            [scenario["name"] for scenario in left["standing"]],
            left["pending"],
        )
        assert ["slow"] == mock("GET", "/health").json["scenarios"]


class TestLooking:
    """Journal, report, tokens, and forgetting them."""

    @pytest.mark.parametrize(
        ("expected", "query"),
        [
            ((5, [5, 4, 3, 2, 1]), ""),
            ((3, [4, 2, 1]), f"merchant={ID}"),
            ((2, [5, 3]), "merchant=unknown"),
            ((0, []), f"merchant={OTHER}"),
            ((3, [4, 2, 1]), "call=token.issue&code=0000"),
            ((1, [3]), "call=token.issue&code=U304"),
            ((5, [5, 4]), "limit=2"),
            ((5, []), "limit=0"),
            ((5, [3, 2]), "limit=2&from=2"),
            ((5, []), "from=5"),
            ((3, [4]), f"limit=1&merchant={ID}"),
        ],
    )
    def test_the_journal_is_narrowed(
        self, expected: tuple[int, list[int]], query: str, mock: Call, ask: Call, call: Call
    ) -> None:
        """By merchant, call and code; a limit cuts the list and not the total."""
        ask()
        ask()
        call("POST", "/v1/access-token")
        ask()
        call("GET", "/v1/nowhere")
        journal = mock("GET", f"/journal?{query}").json
        assert expected == (journal["total"], [entry["id"] for entry in journal["entries"]])

    @pytest.mark.parametrize("limit", ["-1", "many", "1.5", "9999999999", "٣"])
    def test_a_limit_is_a_whole_number(self, limit: str, mock: Call) -> None:
        """Anything else is a 400 that repeats it."""
        reply = mock("GET", f"/journal?limit={limit}")
        assert (400, f"limit is '{limit}'; expected a whole number") == (
            reply.status,
            error(reply),
        )

    @pytest.mark.parametrize(
        "body", [b'{"x": NaN}', b'{"x": -Infinity}', b'{"x": "\\ud800"}', '"한글"'.encode("cp949")]
    )
    def test_the_journal_is_json_whatever_was_sent(
        self, body: bytes, mock: Call, call: Call
    ) -> None:
        """Strict JSON in UTF-8, for readers that are not Python."""
        call("POST", "/v1/access-token", body=body, auth=(ID, SECRET))

        def refuse(word: str) -> None:
            raise AssertionError(f"{word} is not JSON")

        reply = mock("GET", "/journal")
        assert 1 == json.loads(reply.body.decode("utf-8"), parse_constant=refuse)["total"]

    def test_korean_is_written_as_it_is(self, mock: Call, call: Call) -> None:
        """Never escaped."""
        call("GET", "/v1/nowhere")
        assert "없는 경로입니다" in mock("GET", "/journal").body.decode()

    def test_the_report_says_whether_all_is_well(self, mock: Call, ask: Call) -> None:
        """Only after the expectation is met."""
        mock("PUT", f"/scenario?merchant={ID}", SCENARIO)
        before = mock("GET", f"/report?merchant={ID}").json
        ask()
        after = mock("GET", f"/report?merchant={ID}").json
        assert ([False, True], [1, 0], ID) == (
            [before["ok"], after["ok"]],
            [len(report["scenarios"][0]["neverFired"]) for report in (before, after)],
            after["scenarios"][0]["merchant"],
        )
        assert {"ok": True, "scenarios": []} == mock("GET", f"/report?merchant={OTHER}").json

    def test_tokens_are_shown_with_their_claims(self, mock: Call, ask: Call) -> None:
        """The claims behind the opaque text."""
        token = ask().json["accessToken"]
        (row,) = mock("GET", f"/tokens?merchant={ID}").json["tokens"]
        assert (token, ID, "live", 1800) == (
            row["accessToken"],
            row["merchant"],
            row["state"],
            row["secondsLeft"],
        )
        assert {"sub": ID, "iat": NOW, "exp": "2023-02-28T13:23:17.657+0900"} == {
            key: row["claims"][key] for key in ("sub", "iat", "exp")
        }

    @pytest.mark.parametrize(
        ("expected", "query", "left"),
        [(ID, f"merchant={ID}", 1), ("all", "", 0), ("unknown", "merchant=unknown", 1)],
    )
    def test_a_reset_tells_whose_it_was(
        self, expected: str, query: str, left: int, mock: Call, ask: Call, call: Call
    ) -> None:
        """And only that merchant's records are gone."""
        ask()
        call("GET", "/v1/nowhere")
        assert {"reset": expected} == mock("POST", f"/reset?{query}").json
        assert left == mock("GET", "/journal").json["total"]


def test_a_key_pair_from_here_is_a_login(mock: Call, call: Call) -> None:
    """What POST /merchants answers makes a Basic header."""
    made = mock("POST", "/merchants").json
    pair = f"{made['clientId']}:{made['secretKey']}".encode()
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
    assert 200 == call("POST", "/v1/access-token", headers=headers).status
