"""POST /_mock/window/pay and `nicepay.pay()`: the form reaches a listening shop."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from quiet import settings
from serving import serving

from mock_nicepay.contract.window.request import PARAMETERS
from mock_nicepay.core.records import WebhookUrl
from mock_nicepay.core.window import browser
from mock_nicepay.front.handle import Gateway, Nicepay, NicepayError, gateway_at, gateway_here
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox

SERVER = "S2_af4543a0be4d49a98122e01ec2059a56"
CLIENT = "S1_6eaa0db1afdc41f3becb770878d67d25"
Call = Callable[..., Any]


class Shop:
    """A shop's pages on this machine: remembers what came, and answers what the test says."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, bytes]] = []  # path, Content-Type, body
        self.answer: Callable[[dict[str, str]], tuple[int, bytes]] = lambda form: (200, b"OK")
        self.location = ""
        shop = self

        class Page(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                shop.got.append((self.path, self.headers["content-type"], body))
                status, page = shop.answer(dict(parse_qsl(body.decode("ascii"))))
                self.send_response(status)
                if shop.location:
                    self.send_header("Location", shop.location)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def forms(self) -> list[dict[str, str]]:
        """The forms that came, read as UTF-8."""
        return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for _, _, body in self.got]


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop that listens until the test ends."""
    shop = Shop()
    with serving(shop.server):
        yield shop


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The gateway of these tests, whose courier ends with them."""
    yield sandbox
    sandbox.close()


@pytest.fixture
def pay(call: Call) -> Call:
    """Ask the control plane: `pay(method="vbank", returnUrl=shop.url)`; None leaves a key out."""

    def send(merchant: str = SERVER, /, **body: Any) -> Any:
        usual = {
            "method": "card",
            "orderId": "order-1",
            "amount": 1004,
            "goodsName": "상품",
            "returnUrl": "http://127.0.0.1/return",
        }
        asked = {name: value for name, value in {**usual, **body}.items() if value is not None}
        query = f"merchant={merchant}" if merchant else ""
        return call("POST", "/_mock/window/pay", query=query, body=asked)

    return send


def told(reply: Any) -> dict[str, Any]:
    """The answer of a request that was understood."""
    assert 200 == reply.status, reply.json
    answer: dict[str, Any] = reply.json
    return answer


class TestThePost:
    """The payer's browser, and the shop's answer."""

    def test_the_form_reaches_return_url(self, pay: Call, shop: Shop) -> None:
        """As a browser posts it; the answer of the shop comes back."""
        shop.answer = lambda form: (201, "감사합니다".encode())
        answer = told(pay(returnUrl=f"{shop.url}/pay?a=1"))

        assert [
            "form",
            "response",
            "fnError",
            "tid",
            "returnUrl",
            "charset",
            "problem",
        ] == list(answer)
        assert {"status": 201, "body": "감사합니다"} == answer["response"]
        assert (None, None) == (answer["fnError"], answer["problem"])
        assert [("/pay?a=1", "application/x-www-form-urlencoded")] == [got[:2] for got in shop.got]
        assert [answer["form"]] == shop.forms()
        assert list(answer["form"]) == list(shop.forms()[0])

    def test_in_euc_kr(self, pay: Call, shop: Shop) -> None:
        """The bytes are those of Korean Windows; what it cannot hold is a question mark."""
        asked = {"returnCharSet": "euc-kr", "goodsName": "햄 뷁 😀", "buyerName": "똠방각하"}
        answer = told(pay(CLIENT, returnUrl=shop.url, **asked))
        body = shop.got[0][2]

        assert "euc-kr" == answer["charset"]
        assert b"goodsName=%C7%DC+%94%EE+%3F" in body
        assert b"buyerName=%8Cc%B9%E6%B0%A2%C7%CF" in body
        read = dict(parse_qsl(body.decode("ascii"), encoding="cp949"))
        assert ("햄 뷁 ?", "똠방각하", "정상 처리되었습니다.") == (
            read["goodsName"],
            read["buyerName"],
            read["resultMsg"],
        )

    def test_a_redirect_is_shown_and_not_followed(self, pay: Call, shop: Shop) -> None:
        """The answer has its location."""
        shop.answer, shop.location = lambda form: (303, b""), "/thanks"
        answer = told(pay(returnUrl=shop.url))

        assert {"status": 303, "body": "", "location": "/thanks"} == answer["response"]
        assert 1 == len(shop.got)

    def test_a_page_in_korean_windows_letters_is_read(self, pay: Call, shop: Shop) -> None:
        """Any bytes become some text."""
        shop.answer = lambda form: (200, "결제 완료".encode("cp949") + b"\xff")

        assert told(pay(returnUrl=shop.url))["response"]["body"].startswith("결제 완료")

    def test_a_long_page_is_cut(self, pay: Call, shop: Shop) -> None:
        """At 64 KB, and not within a character."""
        shop.answer = lambda form: (200, ("x" + "가" * 60_000).encode())
        body = told(pay(returnUrl=shop.url))["response"]["body"]

        assert "x" + "가" * 21845 == body

    def test_nobody_listens(self, pay: Call) -> None:
        """That is not an error of the request: the answer has the form, and what went wrong."""
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        answer = told(pay(returnUrl=f"http://127.0.0.1:{port}/"))

        assert "0000" == answer["form"]["authResultCode"]
        assert answer["response"] is None
        assert f"127.0.0.1:{port}" in answer["problem"]

    @pytest.mark.parametrize("url", ["/return", "ftp://127.0.0.1/", "shop", "http://", "http://[/"])
    def test_no_address(self, url: str, pay: Call) -> None:
        """A browser could not post there either."""
        answer = told(pay(returnUrl=url))

        assert answer["response"] is None
        assert answer["problem"]

    def test_only_when_it_is_asked_for(self, pay: Call, shop: Shop) -> None:
        """`"post": false` gives the fields alone."""
        answer = told(pay(returnUrl=shop.url, post=False))

        assert ("0000", None, None) == (
            answer["form"]["authResultCode"],
            answer["response"],
            answer["problem"],
        )
        assert [] == shop.got

    @pytest.mark.parametrize(
        ("body", "code", "tid"),
        [
            ({"goodsName": ""}, "P007", None),
            ({"amount": 0}, "P017", None),
            ({"outcome": "close"}, "P091", None),
        ],
    )
    def test_not_when_the_page_is_told(
        self, body: dict[str, Any], code: str, tid: None, pay: Call, shop: Shop
    ) -> None:
        """fnError instead of a form, with HTTP 200: the request to the mock was right."""
        answer = told(pay(returnUrl=shop.url, **body))

        assert (None, None, None, tid) == (
            answer["form"],
            answer["response"],
            answer["problem"],
            answer["tid"],
        )
        assert ["code", "msg", "errorMsg"] == list(answer["fnError"])
        assert code == answer["fnError"]["code"]
        assert [] == shop.got

    def test_a_failure_is_posted(self, pay: Call, shop: Shop) -> None:
        """A code alone means that it was declined."""
        told(pay(returnUrl=shop.url, code="3011"))
        told(pay(returnUrl=shop.url, outcome="decline"))
        told(pay(returnUrl=shop.url, outcome="timeout"))

        assert ["3011", "C002", "A245"] == [form["authResultCode"] for form in shop.forms()]

    @pytest.mark.parametrize(("reply", "times"), [("hang", 0), ("duplicate", 2)])
    def test_a_scenario_loses_or_doubles_it(
        self, reply: str, times: int, pay: Call, shop: Shop, sandbox: Sandbox
    ) -> None:
        """The same form; of a lost one the answer says so."""
        rules = [{"call": "window.pay", "reply": reply}]
        sandbox.choose_scenario({"version": 1, "name": "way", "rules": rules})
        answer = told(pay(returnUrl=shop.url))

        assert [answer["form"]] * times == shop.forms()
        assert (times == 0) == ("lost the form" in (answer["problem"] or ""))

    def test_a_scenario_delays_it(
        self, pay: Call, shop: Shop, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The browser waits before it posts."""
        waited: list[float] = []
        monkeypatch.setattr(browser, "pause", waited.append)
        rules = [{"call": "window.pay", "delay": "90s"}]
        sandbox.choose_scenario({"version": 1, "name": "late", "rules": rules})
        told(pay(returnUrl=shop.url))

        assert ([90.0], 1) == (waited, len(shop.got))

    def test_an_urgent_webhook_comes_before_it(
        self, pay: Call, shop: Shop, sandbox: Sandbox
    ) -> None:
        """A Client-approval key pays in the window; the event may overtake the form."""
        row = WebhookUrl(f"{CLIENT}/card", CLIENT, "card", f"{shop.url}/webhook")
        with sandbox.store.transaction():
            sandbox.store.put(row)
        rules = [{"call": "webhook.deliver", "reply": "before-answer"}]
        sandbox.choose_scenario({"version": 1, "name": "early", "rules": rules})
        told(pay(CLIENT, returnUrl=f"{shop.url}/return"))

        assert ["/webhook", "/return"] == [path for path, _, _ in shop.got]

    def test_the_shop_calls_the_gateway_while_it_answers(
        self, live: BackgroundServer, shop: Shop
    ) -> None:
        """It approves the payment while answering returnUrl, as every shop does; nothing deadlocks."""
        gateway = gateway_at(live.url)
        merchant = gateway.merchant()

        def approve(form: dict[str, str]) -> tuple[int, bytes]:
            answer = requests.post(
                f"{live.url}/v1/payments/{form['tid']}",
                json={"amount": form["amount"]},
                auth=merchant.auth,
                timeout=10,
            )
            return answer.status_code, answer.content

        shop.answer = approve
        visits = [merchant.pay(return_url=shop.url) for _ in range(3)]

        for visit in visits:
            assert visit.response is not None
            paid = json.loads(visit.response["body"])
            assert ("0000", "paid", visit.tid) == (
                paid["resultCode"],
                paid["status"],
                paid["tid"],
            )


class TestWhoseWindow:
    """By the clientId of the page, else by ?merchant=."""

    @pytest.mark.parametrize(
        ("merchant", "client_id", "code"),
        [
            (SERVER, None, "authResultCode"),
            ("", SERVER, "authResultCode"),
            ("", CLIENT, "resultCode"),
            (SERVER, CLIENT, "resultCode"),
        ],
    )
    def test_the_pages_comes_first(
        self, merchant: str, client_id: str | None, code: str, pay: Call
    ) -> None:
        """A page that names another key opens another window."""
        answer = told(pay(merchant, clientId=client_id, post=False))

        assert "0000" == answer["form"][code]

    def test_nobodys(self, pay: Call) -> None:
        """P001 without a clientId, P005 with an unknown one."""
        assert "P001" == told(pay(""))["fnError"]["code"]
        assert "P005" == told(pay("", clientId="S2_x"))["fnError"]["code"]


class TestMistakes:
    """Of the request to the mock itself."""

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"outcome": "aprove"}, "there is no outcome 'aprove'; did you mean approve?"),
            ({"outcome": 7}, "there is no outcome '7'; expected approve, decline, close, timeout"),
            ({"outcome": ["approve"]}, "there is no outcome"),
            ({"outcom": "close"}, "there is no 'outcom'; did you mean outcome?"),
            ({"payr": {}}, "did you mean payer?"),
            (
                {"outcome": "decline", "code": "30l1"},
                "there is no result code '30l1'; did you mean",
            ),
            ({"code": {}}, "there is no result code '{}'"),
            ({"code": "0000"}, "0000 is a success"),
            ({"code": "3001"}, "3001 is a success"),
            ({"outcome": "close", "code": "3011"}, 'a code is for the outcome "decline"'),
            ({"post": "yes"}, "post is 'yes'; expected true or false"),
            ({"payer": "04"}, "payer must be a JSON object"),
            ({"payer": {"cardcode": "04"}}, "did you mean cardCode?"),
            ({"payer": {"cardCode": "99"}}, "the payer cannot pick the card '99' here"),
        ],
    )
    def test_it_says_what_would_be_right(self, body: dict[str, Any], said: str, pay: Call) -> None:
        """With HTTP 400."""
        reply = pay(**body)

        assert 400 == reply.status
        assert said in reply.json["error"]

    def test_what_request_pay_does_not_know_is_ignored(self, pay: Call) -> None:
        """As the SDK does."""
        assert told(pay(foo=1, orderid="x", fnError=None, post=False))["form"]

    STRANGE = (
        0,
        -1,
        1.5,
        10**30,
        True,
        [],
        [[["04"]]],
        {"a": {}},
        "\x00",
        "😀" * 99,
        "%00",
        "'\"<>",
    )

    @pytest.mark.parametrize("name", [*PARAMETERS, "outcome", "code", "post", "payer"])
    def test_nothing_is_too_strange(self, name: str, pay: Call) -> None:
        """Wrong types and characters in any place get an answer, never an internal error."""
        for value in self.STRANGE:
            reply = pay("", **{"clientId": CLIENT, "post": False, name: value})

            assert reply.status in {200, 400}
            assert reply.json


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """One server for the tests of this file; each makes a merchant of its own."""
    with BackgroundServer(Sandbox(settings())) as server:
        yield server


@pytest.fixture(params=["here", "elsewhere"])
def gateway(request: pytest.FixtureRequest, sandbox: Sandbox, server: BackgroundServer) -> Gateway:
    """The same kind of gateway in this process and on a server elsewhere."""
    if request.param == "here":
        return gateway_here(sandbox, "http://here.test")
    return gateway_at(server.url)


class TestTheFixture:
    """`nicepay.pay()`."""

    @pytest.fixture
    def nicepay(self, gateway: Gateway) -> Nicepay:
        """A merchant of Server approval."""
        return gateway.merchant()

    def test_needs_nothing(self, nicepay: Nicepay) -> None:
        """An authorised payment of 1004 won, each time for another order; nothing is posted."""
        visit, another = nicepay.pay(), nicepay.pay()

        assert (1004, "0000", None, None) == (
            visit.amount,
            visit.code,
            visit.response,
            visit.fn_error,
        )
        assert visit["tid"] == visit.tid == visit.form["tid"]
        assert visit.order_id == visit.form["orderId"]
        assert visit.order_id != another.order_id
        text = visit.auth_token + nicepay.client_id + "1004" + nicepay.secret_key
        assert sha256(text.encode()).hexdigest() == visit.signature

    @pytest.mark.parametrize("method", ["vbank", "cellphone", "directCard", "bank", "payco"])
    def test_knows_what_a_method_needs(self, method: str, nicepay: Nicepay) -> None:
        """Unless the test says otherwise."""
        assert "0000" == nicepay.pay(method=method).code

    def test_takes_every_parameter(self, nicepay: Nicepay, shop: Shop) -> None:
        """In the wire's spelling or in snake_case; with a returnUrl it is posted."""
        visit = nicepay.pay(
            50_000,
            orderId="A-1",
            goods_name="책",
            return_url=shop.url,
            card_quota="03",
            z_idx_higher=True,
            payer={"cardCode": "04"},
        )

        assert ("A-1", 50_000) == (visit.order_id, visit.amount)
        assert visit.response is not None
        assert "OK" == visit.response["body"]
        assert [visit.form] == shop.forms()
        assert nicepay.pay(returnUrl=shop.url, post=False).response is None
        assert 1 == len(shop.got)

    def test_the_payer_does_not_agree(self, nicepay: Nicepay) -> None:
        """By an outcome, or a code alone."""
        assert ["P091", "A245", "C002", "3011"] == [
            nicepay.pay(outcome="close").code,
            nicepay.pay(outcome="timeout").code,
            nicepay.pay(outcome="decline").code,
            nicepay.pay(code="3011").code,
        ]

    def test_none_leaves_a_parameter_out(self, nicepay: Nicepay) -> None:
        """The answer is the window's error."""
        visit = nicepay.pay(method="vbank", vbank_holder=None)

        assert visit.fn_error is not None
        assert ("P007", {}, "", "") == (
            visit.fn_error["code"],
            visit.form,
            visit.tid,
            visit.signature,
        )
        assert "P007" == nicepay.pay(None).code

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ({"goods_nam": "x"}, "no parameter 'goods_nam'; did you mean goods_name?"),
            ({"goodsname": "x"}, "did you mean goodsName?"),
            ({"qqqq": "x"}, "there are clientId, method"),
            ({"outcome": "declined"}, "did you mean decline?"),
            ({"payer": {"cardcode": "04"}}, "did you mean cardCode?"),
        ],
    )
    def test_a_mistake(self, words: dict[str, Any], said: str, nicepay: Nicepay) -> None:
        """It says what would be right."""
        with pytest.raises(NicepayError, match=said.replace("?", r"\?")):
            nicepay.pay(**words)

    def test_an_account_is_paid_into(self, gateway: Gateway) -> None:
        """`deposit` takes what `pay` returned."""
        nicepay = gateway.merchant(window="client")
        visit = nicepay.pay(method="vbank")

        assert "ready" == visit.form["status"]
        assert "paid" == nicepay.deposit(visit)["status"]
