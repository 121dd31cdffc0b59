"""Payments over the API: who sees what, and how each answer looks."""

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from quiet import NOW
from till import REFUND, Till

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

TID = "UT0000104m00012303241646422011"


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox in which the first merchant has one payment."""
    sandbox = Sandbox(Settings.read({"self_check": True}, environment={}))
    owner = sandbox.merchants()[0].client_id
    sandbox.store.put(Payment(TID, owner, "order-1", 1004, 1004, "상품", "card", "paid"))
    return sandbox


def look_up(sandbox: Sandbox, merchant: Merchant, path: str) -> tuple[int, str]:
    """Status and code of a look-up by that merchant."""
    login = b64encode(f"{merchant.client_id}:{merchant.secret_key}".encode()).decode()
    reply = sandbox.handle(Request("GET", path, headers={"authorization": f"Basic {login}"}))
    return reply.status, json.loads(reply.body)["resultCode"]


@pytest.mark.parametrize(
    ("expected", "who", "path"),
    [
        ((200, "0000"), 0, f"/v1/payments/{TID}"),
        ((200, "0000"), 0, "/v1/payments/find/order-1"),
        ((404, "U107"), 0, "/v1/payments/UT0000104m00012303241646429999"),
        ((404, "U107"), 0, "/v1/payments/find/order-2"),
        ((404, "U107"), 1, f"/v1/payments/{TID}"),
        ((404, "U107"), 1, "/v1/payments/find/order-1"),
    ],
)
def test_who_finds_what(sandbox: Sandbox, expected: tuple[int, str], who: int, path: str) -> None:
    """The owner finds the payment; to everybody else it does not exist."""
    assert expected == look_up(sandbox, sandbox.merchants()[who], path)


@pytest.mark.parametrize(
    ("last", "edition"),
    [("messageSource", "union"), ("cashReceipts", "manual"), ("messageSource", "gateway")],
)
def test_the_edition_says_whether_a_payment_ends_with_its_source(last: str, edition: str) -> None:
    """Contradiction 8: the newest tables have messageSource, the Korean manual does not."""
    sandbox = Sandbox(Settings.read({"self_check": True, "edition": edition}, environment={}))
    owner = sandbox.merchants()[0]
    sandbox.store.put(Payment(TID, owner.client_id, "order-1", 1004, 1004, "상품", "card", "paid"))
    login = b64encode(f"{owner.client_id}:{owner.secret_key}".encode()).decode()
    reply = sandbox.handle(
        Request("GET", f"/v1/payments/{TID}", headers={"authorization": f"Basic {login}"})
    )

    assert last == list(json.loads(reply.body))[-1]


APPROVED = [
    "resultCode",
    "resultMsg",
    "tid",
    "cancelledTid",
    "orderId",
    "ediDate",
    "signature",
    "status",
    "paidAt",
    "failedAt",
    "cancelledAt",
    "payMethod",
    "amount",
    "balanceAmt",
    "goodsName",
    "mallReserved",
    "useEscrow",
    "currency",
    "channel",
    "approveNo",
    "buyerName",
    "buyerTel",
    "buyerEmail",
    "receiptUrl",
    "mallUserId",
    "issuedCashReceipt",
    "coupon",
    "card",
    "vbank",
    "cancels",
    "cashReceipts",
]


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def signed(till: Till, *parts: object) -> str:
    """The signature over these parts."""
    text = "".join(map(str, parts)) + till.merchant.secret_key
    return sha256(text.encode()).hexdigest()


class TestAnswers:
    """Keys in the recorded order, and signatures that verify."""

    @pytest.mark.parametrize(("more", "edition"), [(["messageSource"], "gateway"), ([], "manual")])
    @pytest.mark.parametrize("method", ["card", "vbank", "bank", "cellphone", "kakaopayMoney"])
    def test_an_approval(self, method: str, more: list[str], edition: str) -> None:
        """It lacks bank and cellphone, as the records of 2021 do."""
        till = Till(edition=edition)
        answer = till.approve(till.authorise(method=method))

        assert [*APPROVED, *more] == list(answer)
        assert (method == "vbank") == (answer["vbank"] is not None)
        assert signed(till, answer["tid"], 1004, NOW) == answer["signature"]

    @pytest.mark.parametrize("method", ["card", "vbank", "bank", "cellphone", "kakaopayMoney"])
    def test_a_look_up_and_a_cancel(self, till: Till, method: str) -> None:
        """Both have all keys; the signature is over the original amount."""
        paid = till.pay(method=method)
        keys = [*APPROVED[:-2], "bank", "cellphone", *APPROVED[-2:], "messageSource"]
        for answer in (till.get(paid.tid), till.cancel(paid), till.get(f"find/{paid.order_id}")):
            assert keys == list(answer)
            assert (method == "bank") == (answer["bank"] is not None)
            assert signed(till, paid.tid, 1004, NOW) == answer["signature"]

    def test_a_virtual_account(self, till: Till) -> None:
        """Its five keys, with the time in Korea."""
        paid = till.pay(method="vbank", vbank_holder="홍길동")

        assert paid.account is not None
        assert {
            "vbankCode": paid.account.bank_code,
            "vbankName": paid.account.bank_name,
            "vbankNumber": paid.account.number,
            "vbankExpDate": "2023-03-07T12:53:17.000+0900",
            "vbankHolder": "홍길동",
        } == till.get(paid.tid)["vbank"]

    def test_a_wallets_money(self, till: Till) -> None:
        """Kakao Money: card 40 without a number."""
        card = till.get(till.pay(method="kakaopayMoney").tid)["card"]

        assert ("40", "카카오머니", None, 0, None) == tuple(
            card[key] for key in ("cardCode", "cardName", "cardNum", "cardQuota", "cardType")
        )

    @pytest.mark.parametrize(("expected", "amount"), [(True, "1004"), (False, 1005)])
    def test_an_amount_is_compared(self, till: Till, expected: bool, amount: Any) -> None:
        """With the original one, also after a cancel; signed without it."""
        paid = till.pay()
        till.cancel(paid, cancelAmt=4)
        answer = till.post(f"/v1/check-amount/{paid.tid}", {"amount": amount})

        assert ["resultCode", "resultMsg", "ediDate", "signature", "isValid", "tid"] == list(answer)
        assert ("0000", expected) == (answer["resultCode"], answer["isValid"])
        assert signed(till, paid.tid, NOW) == answer["signature"]

    @pytest.mark.parametrize("method", ["vbank", "cellphone"])
    def test_what_cannot_be_compared(self, till: Till, method: str) -> None:
        """U110."""
        paid = till.pay(method=method)
        answer = till.post(f"/v1/check-amount/{paid.tid}", {"amount": 1004})

        assert "U110" == answer["resultCode"]

    def test_a_declined_payment_has_no_amount(self, till: Till) -> None:
        """Nobody shall take a declined payment for one of the right amount."""
        payment = till.authorise(order_id="mock:3011")
        till.approve(payment)
        answer = till.post(f"/v1/check-amount/{payment.tid}", {"amount": 1004})

        assert "U107" == answer["resultCode"]

    @pytest.mark.parametrize(
        ("expected", "code"), [("nicepay", "0000"), ("external", "3011"), ("nicepay", "U504")]
    )
    def test_whose_message_an_approval_tells(self, expected: str, code: str, till: Till) -> None:
        """The payment network's when it declined, NICEPAY's when that failed itself."""
        answer = till.approve(till.authorise(order_id=f"mock:{code}"))

        assert (code, expected) == (answer["resultCode"], answer["messageSource"])

    @pytest.mark.parametrize(
        ("expected", "formula"),
        [
            ("tid + amount + ediDate + SecretKey", ("{tid}", "1004", NOW)),
            ("orderId + ediDate + SecretKey", ("A/%2F", NOW)),
            ("authToken + clientId + amount + SecretKey", ("{auth_token}", "{client_id}", "1004")),
        ],
    )
    def test_a_neighbours_formula_is_recognised(
        self, till: Till, expected: str, formula: tuple[str, ...]
    ) -> None:
        """The values of the payment are known, also those that a look-up does not send."""
        paid = till.pay(order_id="A/%2F")
        known = {"tid": paid.tid, "auth_token": paid.auth_token, "client_id": paid.client_id}
        sign = signed(till, *(part.format(**known) for part in formula))
        query = urlencode({"ediDate": NOW, "signData": sign})
        _, answer = till.ask("GET", f"/v1/payments/{paid.tid}", query=query)
        (entry,) = till.sandbox.journal(till.merchant.client_id)[:1]

        assert "U312" == answer["resultCode"]
        assert entry.cause is not None
        assert f"it seems to be made from {expected}" in entry.cause.en

    def test_another_merchants_key_is_recognised(self, till: Till) -> None:
        """Of several key pairs the wrong one was taken."""
        paid, other = till.pay(), till.sandbox.add_merchant()
        sign = sha256(f"{paid.tid}{NOW}{other.secret_key}".encode()).hexdigest()
        query = urlencode({"ediDate": NOW, "signData": sign})
        till.ask("GET", f"/v1/payments/{paid.tid}", query=query)
        (entry,) = till.sandbox.journal(till.merchant.client_id)[:1]

        assert entry.cause is not None
        assert f"another secret key ({other.client_id})" in entry.cause.en
        assert other.secret_key not in str(entry.to_json())


class TestNobodys:
    """Another merchant's payment is like one that does not exist."""

    @pytest.mark.parametrize(
        ("expected", "path", "body"),
        [
            ((404, "U121"), "/v1/payments/{tid}", {"amount": 1004}),
            ((404, "U107"), "/v1/check-amount/{tid}", {"amount": 1004}),
            ((404, "U107"), "/v1/payments/{tid}/cancel", {"reason": "x", "orderId": "B"}),
            ((404, "U107"), "/v1/payments/netcancel", {"orderId": "A"}),
        ],
    )
    @pytest.mark.parametrize("whose", ["another merchant's", "nobody's"])
    def test_post(
        self,
        till: Till,
        expected: tuple[int, str],
        path: str,
        body: dict[str, Any],
        whose: str,
    ) -> None:
        """Each call has its code, and 404."""
        tid = "UT0000104m01012302281253170000"
        if whose != "nobody's":
            tid = (till.authorise if path.endswith("}") else till.pay)(order_id="A").tid
            till.merchant = till.sandbox.add_merchant()
        status, answer = till.ask("POST", path.replace("{tid}", tid), body)

        assert expected == (status, answer["resultCode"])

    def test_an_authorisation_is_no_payment(self, till: Till) -> None:
        """Look-ups do not know it before it is approved."""
        payment = till.authorise(order_id="A")

        assert ["U107", "U107"] == [
            till.get(payment.tid)["resultCode"],
            till.get("find/A")["resultCode"],
        ]


def test_a_client_key_has_nothing_to_approve() -> None:
    """U147: its payments are approved in the window."""
    till = Till(merchant={"window": "client"})

    assert "U147" == till.approve(till.authorise())["resultCode"]


def test_netcancel_is_no_tid(till: Till) -> None:
    """The literal path wins over `/v1/payments/{tid}`, with a last slash as well."""
    for path in ("/v1/payments/netcancel", "/v1/payments/netcancel/"):
        assert "U107" == till.post(path, {"orderId": "A", "amount": 1004})["resultCode"]


class TestSamples:
    """The bodies of the official sample clients, as they stand."""

    def test_approve_and_cancel(self, till: Till) -> None:
        """The form's text as amount; `amount` in a cancel means nothing, and all goes back."""
        payment = till.authorise(goods_name="나이스페이-상품")
        paid = till.post(f"/v1/payments/{payment.tid}", {"amount": "1004"})
        body = {"amount": "1004", "reason": "test", "orderId": "8be19d3c"}
        gone = till.post(f"/v1/payments/{payment.tid}/cancel", body)

        assert ("0000", "paid") == (paid["resultCode"], paid["status"])
        assert ("0000", "cancelled", 0) == (
            gone["resultCode"],
            gone["status"],
            gone["balanceAmt"],
        )

    def test_the_sandbox_takes_them_too(self) -> None:
        """No cancelAmt, no U128."""
        till = Till(sandbox_limits="yes")
        paid = till.pay()

        assert "0000" == till.cancel(paid, amount="1004")["resultCode"]


EDI = "2023-02-28T12:53:17.657+0900"


class TestSignData:
    """Over the call's own values; an amount counts as the number it is."""

    @pytest.mark.parametrize("amount", [1004, "1004", " 1004", 1004.0, "1004.5", "01004"])
    def test_an_amount_is_signed_as_a_number(self, till: Till, amount: Any) -> None:
        """Whatever way it was written."""
        payment = till.authorise()
        sign = signed(till, payment.tid, 1004, EDI)
        answer = till.approve(payment, amount=amount, ediDate=EDI, signData=sign)

        assert "0000" == answer["resultCode"]

    @pytest.mark.parametrize(
        ("expected", "edition", "by"),
        [
            ("0000", "union", "orderId"),
            ("0000", "union", "tid"),
            ("0000", "manual", "tid"),
            ("0000", "gateway", "orderId"),
            ("U312", "gateway", "tid"),
            ("U312", "union", "amount"),
        ],
    )
    def test_a_look_up_by_order_id(self, expected: str, edition: str, by: str) -> None:
        """Over the orderId; the older pages print the tid, and say so in the journal elsewhere."""
        till = Till(edition=edition)
        paid = till.pay(order_id="A")
        values = {"orderId": "A", "tid": paid.tid, "amount": 1004}
        sign = signed(till, values[by], "2023")
        path, query = "/v1/payments/find/A", f"ediDate=2023&signData={sign}"

        assert expected == till.ask("GET", path, query=query)[1]["resultCode"]
        if by == "tid" and expected != "0000":
            cause = till.sandbox.journal()[0].cause
            assert cause is not None
            assert "it seems to be made from tid + ediDate + SecretKey" in cause.en

    @pytest.mark.parametrize(
        ("path", "parts", "body"),
        [
            ("/v1/check-amount/{tid}", ("tid", "amount"), {"amount": "1004"}),
            ("/v1/payments/{tid}/cancel", ("tid",), {"reason": "x", "orderId": "B"}),
            ("/v1/payments/netcancel", ("orderId",), {"orderId": "A"}),
        ],
    )
    def test_each_call_has_its_formula(
        self, till: Till, path: str, parts: tuple[str, ...], body: dict[str, Any]
    ) -> None:
        """A wrong signature leaves everything as it was."""
        paid = till.pay(order_id="A")
        values = {"tid": paid.tid, "orderId": "A", "amount": 1004}
        sign = signed(till, *(values[part] for part in parts), EDI)
        target = path.replace("{tid}", paid.tid)

        wrong = till.post(target, {**body, "ediDate": EDI, "signData": sign[::-1]})
        assert ("U312", paid) == (wrong["resultCode"], till.stored(paid))
        right = till.post(target, {**body, "ediDate": EDI, "signData": sign})
        assert "0000" == right["resultCode"]


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ("U100", {}),
        ("U100", {"orderId": "B"}),
        ("U100", {"reason": "x"}),
        ("U105", {"reason": "가" * 34, "orderId": "B"}),
        ("U105", {"reason": "x", "orderId": "가" * 22}),
        ("U142", {"reason": "x", "orderId": "B", "cancelAmt": 0, "taxFreeAmt": "x"}),
        ("U105", {"reason": "x", "orderId": "B", **REFUND, "refundHolder": "홍길동님"}),
        ("U133", {"reason": ["x"], "orderId": "B"}),
    ],
)
def test_the_first_failing_field_decides(till: Till, expected: str, body: dict[str, Any]) -> None:
    """In declared order, before anything is looked up."""
    answer = till.post(f"/v1/payments/{'0' * 30}/cancel", body)

    assert expected == answer["resultCode"]


def test_euc_kr_all_the_way(till: Till) -> None:
    """A cancel that asks for it is answered in it."""
    paid = till.pay(goods_name="똠방각하")
    body = {"reason": "변심", "orderId": "B", "returnCharSet": "euc-kr"}
    reply = till.sandbox.handle(
        Request(
            "POST",
            f"/v1/payments/{paid.tid}/cancel",
            "",
            till.login,
            json.dumps(body, ensure_ascii=False).encode(),
        )
    )
    answer = json.loads(reply.body.decode("cp949"))

    assert ("똠방각하", "변심") == (answer["goodsName"], answer["cancels"][0]["reason"])
