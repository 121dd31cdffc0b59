"""The five calls of hosted checkout, over the API."""

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from counter import Counter

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.scenarios.language import ReplyPlan

EDI = "2023-02-28T12:53:17.657+0900"


@pytest.fixture
def counter() -> Counter:
    """A merchant with one session."""
    counter = Counter(edition="gateway")
    counter.create()
    return counter


@pytest.mark.parametrize(
    ("expected", "key", "fields"),
    [
        ("EUC-KR", "returnCharSet", {"returnCharSet": "EUC-KR"}),
        ("04,06", "cardCode", {"method": "card", "cardCode": "04,06"}),
        ("00,02", "cardQuota", {"method": "card", "cardQuota": "00,02", "amount": 50000}),
        ("20230305", "vbankExpDate", {"vbankExpDate": "2023-03-05"}),
        ("202303051230", "vbankExpDate", {"vbankExpDate": "2023-03-05T12:30"}),
        ("202303050930", "vbankExpDate", {"vbankExpDate": "2023-03-05T00:30:00Z"}),
        (24, "vbankValidHours", {"vbankValidHours": "24"}),
        ("USD", "currency", {"method": "card", "currency": "USD"}),
        (True, "isDigital", {"isDigital": "true"}),
        ("a-b", "goodsName", {"goodsName": 'a"b'}),
        (1000, "taxFreeAmt", {"taxFreeAmt": 1000}),
        ("커피" * 10, "mallReserved", {"mallReserved": "커피" * 10}),
    ],
)
def test_what_was_sent_comes_back(expected: object, key: str, fields: dict[str, Any]) -> None:
    """As it was sent, dates as they are kept; the look-up says the same."""
    counter = Counter()

    assert expected == counter.create(**fields)[key] == counter.look()[key]


def test_the_clients_own_id_is_answered(counter: Counter) -> None:
    """A clientId in the body changes nothing."""
    answer = counter.create(clientId="S1_somebody")

    assert counter.merchant.client_id == answer["clientId"]


@pytest.mark.parametrize(
    ("expected", "edition", "auth_type"),
    [
        ((403, "U103"), "manual", "token"),
        ((200, "0000"), "manual", "any"),
        ((200, "0000"), "union", "token"),
        ((200, "0000"), "gateway", "token"),
    ],
)
def test_which_type_of_key_makes_a_session(
    expected: tuple[int, str], edition: str, auth_type: str
) -> None:
    """Either, by its token; the Korean manual has hosted checkout for type Basic alone."""
    counter = Counter(merchant={"authType": auth_type}, edition=edition)
    token = counter.post("/v1/access-token", None)["accessToken"]
    order = {"sessionId": "s", "orderId": "o", "method": "card", "amount": 1004}
    body = json.dumps({**order, "goodsName": "coffee", "returnUrl": "http://127.0.0.1/return"})
    login = {"authorization": f"Bearer {token}"}
    reply = counter.sandbox.handle(Request("POST", "/v1/checkout", "", login, body.encode()))

    assert expected == (reply.status, json.loads(reply.body)["resultCode"])


@pytest.mark.parametrize(
    ("present", "absent", "keys"),
    [
        (["status"], ["apprStatus", "updateDate", "zidxHigher"], "status"),
        (["apprStatus", "updateDate", "zidxHigher"], ["status"], "apprStatus"),
        (["status", "apprStatus", "updateDate", "zidxHigher"], [], "both"),
    ],
)
def test_the_keys_of_each_time(present: list[str], absent: list[str], keys: str) -> None:
    """E24 prints apprStatus and more keys; `both` has all of them."""
    body = Counter(session_keys=keys).create()

    assert present == [key for key in body if key in {*present, *absent}]
    assert "messageSource" == list(body)[-1]


def test_the_answer_is_utf_8_always() -> None:
    """returnCharSet is that of the page which posts the form."""
    counter = Counter()
    counter.create(returnCharSet="euc-kr")
    visit = counter.sandbox.checkout.pay(counter.session())

    assert "euc-kr" == visit.charset
    assert "커피" == (visit.form or {})["goodsName"]


class TestFakeAuth:
    """The dummy page of NICEPAY's sandbox."""

    @pytest.mark.parametrize("sent", ["true", True])
    def test_it_has_an_address_of_its_own(self, sent: object) -> None:
        """Without a token; the answer has no messageSource then."""
        body = Counter().create(fakeAuth=sent)

        assert "https://sandbox-pay.nicepay.co.kr/v1/fake/pay/session-1" == body["url"]
        assert "messageSource" not in body

    def test_what_is_paid_there(self) -> None:
        """The fixed card and approval number of the record, and 00 in the tid."""
        counter = Counter()
        counter.create(fakeAuth="true")
        form = counter.visit()

        assert ("04", "000000", "00") == (
            form["cardCode"],
            form["approveNo"],
            form["tid"][10:12],
        )

    @pytest.mark.parametrize(
        ("part", "options"),
        [("/v1/checkout/pay/", {"edition": "gateway"}), ("/v1/checkout/pay/", {"fake_auth": "no"})],
    )
    def test_it_has_no_effect_today(self, part: str, options: dict[str, str]) -> None:
        """E26's last version calls it internal."""
        assert part in Counter(**options).create(fakeAuth=True)["url"]


def test_the_address_is_where_the_caller_is(counter: Counter) -> None:
    """The Host header of the call that made the session, also at later look-ups."""
    login = {"authorization": _login(counter), "host": "mock.test:8090"}
    body = (
        b'{"sessionId":"a b","orderId":"o","method":"card","amount":1,"goodsName":"g",'
        b'"returnUrl":"u"}'
    )
    assert (
        b"U154"
        in counter.sandbox.handle(Request("POST", "/v1/checkout", headers=login, body=body)).body
    )
    body = body.replace(b"a b", "가/나".encode())
    made = counter.sandbox.handle(Request("POST", "/v1/checkout", headers=login, body=body))

    assert b'"url":"http://mock.test:8090/v1/checkout/pay/' in made.body
    assert b"/%EA%B0%80%2F%EB%82%98" in made.body
    assert "http://mock.test:8090/" in counter.ask("GET", "/v1/checkout/가%2F나")[1]["url"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/checkout/other"),
        ("POST", "/v1/checkout/other/expire"),
        ("GET", "/v1/payments/checkout/other"),
        ("POST", "/v1/payments/checkout/other/cancel"),
    ],
)
def test_an_unknown_session_is_u111(counter: Counter, method: str, path: str) -> None:
    """Another merchant's session is like an unknown one."""
    other = Counter()
    other.sandbox = counter.sandbox
    other.merchant = counter.sandbox.add_merchant(window="client")
    other.create(sessionId="other")
    body = {"reason": "r", "orderId": "o"} if path.endswith("cancel") else None

    assert (200, "U111") == (
        (answer := counter.ask(method, path, body))[0],
        answer[1]["resultCode"],
    )


def test_a_past_deadline_is_refused() -> None:
    """expireDate U322, vbankExpDate U152; by the merchant's clock."""
    counter = Counter()

    assert "U322" == counter.create(expireDate="2023-02-28T03:53:17Z")["resultCode"]
    assert "U152" == counter.create(vbankExpDate="2023-02-27")["resultCode"]


@pytest.mark.parametrize(
    ("code", "ending"),
    [("U111", None), ("U111", ReplyPlan("close")), ("0000", ReplyPlan("code", code="3011"))],
)
def test_the_payment_of_a_session(counter: Counter, code: str, ending: ReplyPlan | None) -> None:
    """There is none before it is paid; one that was declined is there, failed."""
    if ending is not None:
        counter.visit(ending=ending)

    assert code == (answer := counter.payment())["resultCode"]
    assert code != "0000" or "failed" == answer["status"]


def test_by_session_and_by_tid(counter: Counter) -> None:
    """By the session approveNo is null and sessionId is there; by tid there is an approveNo, too."""
    tid = counter.visit()["tid"]
    by_session, by_tid = counter.payment(), counter.get(tid)
    by_order = counter.get("find/checkout-1")

    assert (None, "session-1") == (by_session["approveNo"], by_session["sessionId"])
    assert "sessionId" == list(by_session)[-2]
    assert by_tid["approveNo"]
    assert by_tid["sessionId"] == by_order["sessionId"] == "session-1"
    assert by_session == {**by_tid, "approveNo": None}


def test_the_records_of_2023_have_no_session_id_by_tid() -> None:
    """The switch leaves it out there, and only there."""
    counter = Counter(session_in_lookups="no")
    counter.create()
    tid = counter.visit()["tid"]

    assert "sessionId" not in counter.get(tid)
    assert "sessionId" in counter.payment()


class TestCancel:
    """By the session's id."""

    def test_in_parts(self, counter: Counter) -> None:
        """As a cancel by tid, shown as a look-up by session."""
        counter.visit()
        body = counter.cancel_by_session(cancelAmt=4)

        assert ("partialCancelled", 1000, None, "session-1") == (
            body["status"],
            body["balanceAmt"],
            body["approveNo"],
            body["sessionId"],
        )
        assert "cancelled" == counter.cancel_by_session()["status"]
        assert "2015" == counter.cancel_by_session()["resultCode"]

    @pytest.mark.parametrize(("code", "named"), [("0000", "tid"), ("U312", "sessionId")])
    def test_the_signature_is_over_the_tid(self, counter: Counter, code: str, named: str) -> None:
        """Not over the sessionId of the path."""
        tid = counter.visit()["tid"]
        first = {"tid": tid, "sessionId": "session-1"}[named]
        text = f"{first}{EDI}{counter.merchant.secret_key}"
        sign = sha256(text.encode()).hexdigest()

        assert code == counter.cancel_by_session(ediDate=EDI, signData=sign)["resultCode"]

    def test_a_magic_value_of_the_session_counts(self) -> None:
        """`mock:cancel:2032` in its orderId refuses the cancel by session as well."""
        counter = Counter()
        counter.create(orderId="A-mock:cancel:2032")
        counter.visit()

        assert "2032" == counter.cancel_by_session()["resultCode"]


def test_the_literal_path_wins(counter: Counter) -> None:
    """`checkout` is not a tid, and `cancel` may be a session's id."""
    counter.create(sessionId="cancel")
    counter.visit("cancel")

    assert "0000" == counter.get("checkout/cancel")["resultCode"]
    assert (405, "U308") == (
        (answer := counter.ask("POST", "/v1/payments/checkout/x", {}))[0],
        answer[1]["resultCode"],
    )
    assert 405 == counter.ask("GET", "/v1/checkout/session-1/expire")[0]


def test_the_journal_names_the_calls(counter: Counter) -> None:
    """checkout.* of the API, window.pay of the payer."""
    counter.visit()
    counter.look()
    counter.payment()
    counter.cancel_by_session()
    counter.expire()

    named = [entry.call for entry in reversed(counter.sandbox.journal(counter.merchant.client_id))]
    assert [
        *("checkout.create", "window.pay", "checkout.get", "checkout.payment_get"),
        *("checkout.payment_cancel", "checkout.expire"),
    ] == named
    visit = counter.sandbox.journal(counter.merchant.client_id)[4]
    assert "session-1" == visit.body["sessionId"]


def _login(counter: Counter) -> str:
    pair = f"{counter.merchant.client_id}:{counter.merchant.secret_key}"
    return f"Basic {b64encode(pair.encode()).decode()}"
