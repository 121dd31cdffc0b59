"""Recurring payments over the API: registration, charge, deletion, status."""

import json
from hashlib import sha256
from typing import Any

import pytest
from subscriber import CARD, Subscriber

from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import BillingKey

SHINHAN = "940612******1233"


@pytest.fixture
def shop() -> Subscriber:
    """A shop that has registered one card."""
    shop = Subscriber()
    shop.regist()
    return shop


def of_kind(shop: Subscriber, method: str) -> str:
    """The bid of a key that was registered on a checkout's page by this method."""
    seller = shop.sandbox.add_merchant(window="client")
    shop.merchant = seller
    fields = {
        "sessionId": f"s-{method}",
        "orderId": f"o-{method}",
        "method": method,
        "amount": 1004,
        "goodsName": "첫 결제",
        "returnUrl": "http://127.0.0.1/return",
    }
    assert "0000" == shop.post("/v1/checkout", fields)["resultCode"]
    visit = shop.sandbox.checkout.pay(
        shop.sandbox.checkout.session(f"s-{method}", seller.client_id)
    )
    assert visit.form is not None
    shop.bid = visit.form["bid"]
    return shop.bid


class TestRegistration:
    """POST /v1/subscribe/regist."""

    def test_a_card_gets_a_bid(self) -> None:
        """The keys of E26 in its order; the card is told by its issuer alone."""
        answer = Subscriber().regist()

        assert {
            "resultCode": "0000",
            "resultMsg": "정상 처리되었습니다.",
            "tid": answer["tid"],
            "orderId": "card-1",
            "bid": answer["bid"],
            "authDate": "2023-02-28T12:53:17.657+0900",
            "cardCode": "06",
            "cardName": "신한",
            "messageSource": "nicepay",
            "status": "issued",
        } == answer
        assert [*answer][2:] == [
            *("tid", "orderId", "bid", "authDate", "cardCode", "cardName"),
            *("messageSource", "status"),
        ]

    def test_ids_have_their_published_forms(self) -> None:
        """30 bytes each; 16 in the tid's medium."""
        shop = Subscriber()
        answer = shop.regist()
        mid = shop.merchant.mid

        assert (30, f"BIKY{mid}230228125317") == (len(answer["bid"]), answer["bid"][:-4])
        assert f"{mid}0116230228125317" == answer["tid"][:-4]

    @pytest.mark.parametrize(
        ("cipher", "mode", "upper"),
        [
            ("AES-128-ECB", None, False),
            ("AES-128-CBC", None, False),
            ("AES-128-ECB", None, True),
            ("AES-256-CBC", "A2", False),
            ("AES-256-CBC", "A2", True),
        ],
    )
    def test_every_published_cipher_opens(self, cipher: str, mode: str | None, upper: bool) -> None:
        """ECB and CBC without encMode, AES-256 with A2; hex in either case."""
        shop = Subscriber()
        text = shop.encdata(CARD, cipher)
        sent = text.upper() if upper else text

        assert "0000" == shop.regist(encData=sent, encMode=mode)["resultCode"]

    def test_the_published_vector_opens(self) -> None:
        """The manual's own example, with its own secret key."""
        shop = Subscriber(merchant={"secretKey": "2dcc2a0d63bf469490bb19a201be3735"})
        sent = (
            "7c4b12eb43324290bd0e522900a892343f57e0d176cdadae757132c7f3cd442f023ef5c3ffa254ed04b6d"
            "47624d4c7847e8061f3be0d67adf1b463b46a542052cf47a5206bfd23945fc1851d426468f4"
        )

        assert "0000" == shop.regist(encData=sent)["resultCode"]
        assert "123456******3456" == shop.sandbox.billing.to_json(shop.key())["card"]["number"]

    @pytest.mark.parametrize(
        ("expected", "card", "fields", "trait"),
        [
            ("F101", {}, {"encData": "ab" * 16}, {}),
            ("F101", {}, {"encData": "no hex"}, {}),
            ("F101", {}, {"encMode": "A2"}, {}),
            ("U317", {"expMonth": "-"}, {}, {}),
            ("U317", {"cardNo": ""}, {}, {}),
            ("U317", {}, {}, {"cardFields": "birth"}),
            ("U317", {"idNo": "800101"}, {}, {"cardFields": "all"}),
            ("F112", {"cardNo": "1234-5678"}, {}, {}),
            ("F113", {"expMonth": "13"}, {}, {}),
            ("F113", {"expYear": "2030"}, {}, {}),
            ("F113", {"idNo": "80101"}, {}, {"cardFields": "birth"}),
            ("F113", {"idNo": "800101", "cardPw": "123"}, {}, {"cardFields": "all"}),
            ("F115", {}, {}, {"recurring": "suspended"}),
            ("F116", {}, {}, {"recurring": "terminated"}),
        ],
    )
    def test_what_cannot_be_registered(
        self, expected: str, card: dict[str, str], fields: dict[str, Any], trait: dict[str, str]
    ) -> None:
        """A failure has the status `failed` and no bid, and leaves nothing."""
        shop = Subscriber(merchant=trait)
        answer = shop.regist(card, **fields)

        assert ["resultCode", "resultMsg", "orderId", "messageSource", "status"] == list(answer)
        assert (expected, "failed") == (answer["resultCode"], answer["status"])
        assert ("nicepay" if expected == "U317" else "external") == answer["messageSource"]
        assert "BillingKey" not in shop.records()
        assert shop.cause()

    def test_another_pairs_key_is_told(self, shop: Subscriber) -> None:
        """The journal names whose key the encData was made with, and shows no key."""
        other = shop.sandbox.keys.add(shop.merchant.client_id, {})
        sent = make_encdata(CARD, other.secret_key, "AES-128-ECB")

        assert "F101" == shop.regist(encData=sent)["resultCode"]
        assert f"another key ({other.calling_id})" in shop.cause()
        assert other.secret_key[:16] not in shop.cause()

    def test_without_recurring_payments_it_is_u107(self) -> None:
        """With HTTP 404, as an unknown payment is."""
        shop = Subscriber(merchant={"recurring": "no"})
        body = {"encData": shop.encdata(CARD), "orderId": "a"}
        status, answer = shop.ask("POST", "/v1/subscribe/regist", body)

        assert (404, "U107") == (status, answer["resultCode"])
        assert ("failed", False) == (answer["status"], "bid" in answer)

    @pytest.mark.parametrize(
        ("expected", "card"),
        [
            ("F112", {"cardNo": "9406123412341234"}),
            ("F113", {"expYear": "23", "expMonth": "01"}),
            ("0000", {"expYear": "23", "expMonth": "02"}),
        ],
    )
    def test_a_card_is_checked_where_a_switch_says_so(
        self, expected: str, card: dict[str, str]
    ) -> None:
        """Check digit and last month; without the switch nobody looks, as in the sandbox."""
        assert expected == Subscriber(card_checks="yes").regist(card)["resultCode"]
        assert "0000" == Subscriber().regist(card)["resultCode"]

    def test_the_sandbox_looks_at_no_value(self) -> None:
        """With its limits any number is the sandbox's one card."""
        answer = Subscriber(sandbox_limits="yes").regist({"cardNo": "x", "expMonth": "99"})

        assert ("0000", "04") == (answer["resultCode"], answer["cardCode"])

    def test_one_card_may_have_many_keys(self, shop: Subscriber) -> None:
        """Each registration makes another one; all can be charged."""
        first, second = shop.bid, shop.regist()["bid"]

        assert first != second
        assert ["0000", "0000"] == [shop.charge(bid)["resultCode"] for bid in (first, second)]

    def test_a_scenario_says_no_for_the_card_company(self) -> None:
        """F201 has a tid, no bid, and comes from outside."""
        shop = Subscriber(scenario=("card-already-registered",))
        answer = shop.regist()

        assert [
            *("resultCode", "resultMsg", "tid", "orderId", "messageSource", "status"),
        ] == list(answer)
        assert ("F201", "external", "failed") == tuple(
            answer[key] for key in ("resultCode", "messageSource", "status")
        )
        assert "BillingKey" not in shop.records()

    def test_k25_prints_the_networks_own_words(self) -> None:
        """Pascal case, also of a failure, which has no bid."""
        shop = Subscriber(edition="manual")

        assert [
            "ResultCode",
            "ResultMsg",
            "BID",
            "AuthDate",
            "CardCode",
            "CardName",
            "TID",
        ] == list(shop.regist())
        assert {
            "ResultCode": "F101",
            "ResultMsg": "PKCS7 전자서명 및 암호화메시지 검증 실패.",
        } == shop.regist(encData="00")
        assert "F101" == shop.sandbox.journal(shop.merchant.client_id)[0].code

    def test_no_card_number_is_kept(self, shop: Subscriber) -> None:
        """Neither record nor journal has number, birth date, password or what they were sent in."""
        shop.regist({"idNo": "800101", "cardPw": "97"})
        entries = shop.sandbox.journal(shop.merchant.client_id)
        kept = repr(shop.records()) + json.dumps([each.to_json() for each in entries])

        assert SHINHAN in kept
        assert not [text for text in ("9406123412341233", "800101", "cardPw") if text in kept]
        assert shop.encdata(CARD) not in kept


class TestCharge:
    """POST /v1/subscribe/{bid}/payments."""

    def test_a_card_is_charged(self, shop: Subscriber) -> None:
        """A payment's keys without those of other methods; signed, and found as any payment."""
        answer = shop.charge(orderId="a", buyerName="홍길동", mallReserved="m")

        assert [
            *("resultCode", "resultMsg", "tid", "cancelledTid", "orderId", "ediDate", "signature"),
            *("status", "paidAt", "failedAt", "cancelledAt", "payMethod", "amount", "balanceAmt"),
            *("goodsName", "mallReserved", "useEscrow", "currency", "channel", "approveNo"),
            *("buyerName", "buyerTel", "buyerEmail", "receiptUrl", "mallUserId"),
            *("issuedCashReceipt", "coupon", "card", "messageSource"),
        ] == list(answer)
        signed = f"{answer['tid']}9900{answer['ediDate']}{shop.merchant.secret_key}"
        assert sha256(signed.encode()).hexdigest() == answer["signature"]
        assert ("paid", 9900, "card", None) == tuple(
            answer[key] for key in ("status", "balanceAmt", "payMethod", "channel")
        )
        assert f"{shop.merchant.mid}0116" == answer["tid"][:14]
        assert SHINHAN == answer["card"]["cardNum"]
        assert answer["tid"] == shop.find("a")["tid"]

    def test_it_is_cancelled_like_any_payment(self, shop: Subscriber) -> None:
        """A part, the rest, and a net cancel of another one."""
        tid = shop.charge()["tid"]
        path = f"/v1/payments/{tid}/cancel"
        part = shop.post(path, {"reason": "r", "orderId": "p", "cancelAmt": 900})
        rest = shop.post(path, {"reason": "r", "orderId": "q"})
        shop.charge(orderId="lost")

        assert ("partialCancelled", 9000) == (part["status"], part["balanceAmt"])
        assert ("cancelled", 0) == (rest["status"], rest["balanceAmt"])
        assert "cancelled" == shop.net_cancel("lost")["status"]

    @pytest.mark.parametrize(
        ("expected", "fields"),
        [
            ("U100", {"orderId": None}),
            ("U100", {"cardQuota": None}),
            ("U100", {"useShopInterest": ""}),
            ("U105", {"orderId": "a" * 65}),
            ("U105", {"mallReserved": "가" * 167}),
            ("U105", {"cardQuota": "003"}),
            ("U119", {"method": "payco"}),
            ("U127", {"amount": 10**12}),
            ("U127", {"amount": 0}),
            ("U133", {"useShopInterest": "no"}),
            ("U143", {"method": "tosspayBill"}),
            ("U312", {"signData": "0" * 64}),
            ("U321", {"taxFreeAmt": 9901}),
            ("U329", {"cardQuota": "many"}),
            ("U309", {"method": "kakaoBill"}),
        ],
    )
    def test_a_wrong_request_takes_no_order_id(
        self, shop: Subscriber, expected: str, fields: dict[str, Any]
    ) -> None:
        """Nothing is left of it, and the same orderId is charged afterwards."""
        before = shop.records()

        assert expected == shop.charge(**{"orderId": "a", **fields})["resultCode"]
        assert before == shop.records()
        assert "0000" == shop.charge(orderId="a")["resultCode"]

    @pytest.mark.parametrize("bid", ["", "x", "B" * 29, "B" * 31, "가" * 10 + "a"])
    def test_a_bid_has_30_bytes(self, shop: Subscriber, bid: str) -> None:
        """Anything else, nothing included, is U345, and a bid that was never issued U309."""
        assert "U345" == shop.charge(bid)["resultCode"]
        assert "U345" == shop.expire(bid)["resultCode"]
        assert "U309" == shop.charge("B" * 30)["resultCode"]

    def test_another_merchants_bid_is_unknown(self, shop: Subscriber) -> None:
        """U309; its own merchant charges it still."""
        bid, owner = shop.bid, shop.merchant
        shop.merchant = shop.sandbox.add_merchant()

        assert "U309" == shop.charge(bid)["resultCode"]
        shop.merchant = owner
        assert "0000" == shop.charge(bid)["resultCode"]

    @pytest.mark.parametrize(
        ("expected", "fields"),
        [
            ("3024", {"cardQuota": 2}),
            ("3024", {"cardQuota": 3, "amount": 49_999}),
            ("0000", {"cardQuota": 3, "amount": 50_000}),
            ("0000", {"cardQuota": "03", "amount": "50000"}),
            ("3022", {"cardQuota": 1}),
            ("3023", {"cardQuota": 37, "amount": 50_000}),
            ("3033", {"useShopInterest": True}),
            ("3033", {"useShopInterest": "true", "cardQuota": 3, "amount": 50_000}),
        ],
    )
    def test_installments(self, shop: Subscriber, expected: str, fields: dict[str, Any]) -> None:
        """They begin at two months and 50,000 won; the network says no to all others."""
        answer = shop.charge(**fields)

        assert expected == answer["resultCode"]
        assert ("paid" if expected == "0000" else "failed") == answer["status"]

    def test_a_decline_is_a_payment_of_its_own(self, shop: Subscriber) -> None:
        """It has a tid, is found by that alone, lets go of its orderId, and nobody is told."""
        shop.control("POST", "/webhooks", {"method": "card", "url": "http://127.0.0.1:9/"})
        failed = shop.charge(orderId="a", goodsName="mock:3011")

        assert ("3011", "failed", 0, None, "external") == tuple(
            failed[key] for key in ("resultCode", "status", "balanceAmt", "card", "messageSource")
        )
        assert "failed" == shop.get(failed["tid"])["status"]
        assert "U107" == shop.find("a")["resultCode"]
        assert [] == shop.sandbox.webhooks.deliveries(shop.merchant.client_id)
        paid = shop.charge(orderId="a")
        assert ("0000", True) == (paid["resultCode"], paid["tid"] != failed["tid"])

    @pytest.mark.parametrize("how", ["charged", "window", "partial cancel"])
    def test_an_order_id_is_used_once(self, shop: Subscriber, how: str) -> None:
        """By a charge, a payment in the window, or a partial cancel."""
        if how == "charged":
            shop.charge(orderId="a")
        elif how == "window":
            shop.pay(order_id="a")
        else:
            shop.cancel(shop.pay(), orderId="a", cancelAmt=4)

        assert "U112" == shop.charge(orderId="a")["resultCode"]

    def test_an_own_failure_has_no_tid(self) -> None:
        """U503: charged and taken back at once; the orderId is free."""
        shop = Subscriber(scenario=("renewal-own-failure",))
        shop.regist()

        assert {"resultCode": "U503", "resultMsg": "망취소 요청"} == shop.charge(orderId="a")
        assert "U107" == shop.find("a")["resultCode"]
        assert "0000" == shop.charge(orderId="a")["resultCode"]

    def test_a_suspended_key_is_declined(self, shop: Subscriber) -> None:
        """F118 until the card company lets it go on."""
        shop.sandbox.billing.suspend(shop.bid, on=True)
        assert ("F118", "failed") == (
            (answer := shop.charge())["resultCode"],
            answer["status"],
        )
        shop.sandbox.billing.suspend(shop.bid, on=False)
        assert "0000" == shop.charge()["resultCode"]

    def test_a_card_ends_with_its_month(self) -> None:
        """By the merchant's clock, where cards are checked: 3021."""
        shop = Subscriber(card_checks="yes")
        shop.regist({"expYear": "23", "expMonth": "03"})
        shop.advance(days=31)
        assert "0000" == shop.charge()["resultCode"]

        shop.advance(days=1)

        assert "3021" == shop.charge()["resultCode"]
        assert "2023-03" in shop.cause()

    def test_the_answer_can_come_later_than_the_money(self, shop: Subscriber) -> None:
        """While the network works at it the orderId is taken and nobody finds it."""
        rule = {
            "call": "subscribe.pay",
            "times": 1,
            "effect": "late",
            "delay": "1m",
            "reply": "hang",
        }
        shop.sandbox.choose_scenario({"version": 1, "name": "late", "rules": [rule]})
        body = json.dumps(shop.renewal(orderId="a")).encode()
        path = f"/v1/subscribe/{shop.bid}/payments"
        shop.sandbox.handle(Request("POST", path, "", shop.login, body))

        assert "U112" == shop.charge(orderId="a")["resultCode"]
        assert "U107" == shop.find("a")["resultCode"]
        shop.advance(minutes=1)
        assert "paid" == shop.find("a")["status"]

    def test_nothing_stays_of_a_charge_without_effect(self, shop: Subscriber) -> None:
        """The answer is the true one, and no payment is kept."""
        rule = {"call": "subscribe.pay", "effect": "none"}
        shop.sandbox.choose_scenario({"version": 1, "name": "none", "rules": [rule]})

        assert "paid" == shop.charge(orderId="a")["status"]
        assert "U107" == shop.find("a")["resultCode"]

    def test_the_event_has_the_bid(self, shop: Subscriber) -> None:
        """After approveNo, also of its cancel; a payment of the window has none."""
        shop.control("POST", "/webhooks", {"method": "card", "url": "http://127.0.0.1:9/"})
        charged = shop.charge()
        shop.post(f"/v1/payments/{charged['tid']}/cancel", {"reason": "r", "orderId": "c"})
        shop.pay()
        plain, cancelled, paid = (
            json.loads(each.body)
            for each in shop.sandbox.webhooks.deliveries(shop.merchant.client_id)
        )

        assert [shop.bid, shop.bid, None] == [body.get("bid") for body in (paid, cancelled, plain)]
        keys = list(paid)
        assert "approveNo" == keys[keys.index("bid") - 1]

    def test_the_sandbox_has_its_own_card(self) -> None:
        """One card, no months, in won, approval 000000."""
        shop = Subscriber(sandbox_limits="yes")
        shop.regist()
        answer = shop.charge(amount=50_000, cardQuota=3)

        assert ("000000", "123412******1234", 0) == (
            answer["approveNo"],
            answer["card"]["cardNum"],
            answer["card"]["cardQuota"],
        )
        assert "3024" == shop.charge(cardQuota=3)["resultCode"]


class TestDeletion:
    """POST /v1/subscribe/{bid}/expire."""

    def test_a_key_is_deleted(self, shop: Subscriber) -> None:
        """Six keys; it cannot be charged any more, and stays known."""
        answer = shop.expire()

        assert ["resultCode", "resultMsg", "tid", "orderId", "bid", "authDate"] == list(answer)
        assert ("0000", shop.bid) == (answer["resultCode"], answer["bid"])
        assert "U309" == shop.charge()["resultCode"]
        assert "deleted" == shop.key().status

    @pytest.mark.parametrize(
        ("expected", "options"),
        [
            ("U309", {}),
            ("U309", {"edition": "manual", "regist_keys": "camel"}),
            ("U115", {"edition": "gateway"}),
            ("U309", {"edition": "gateway", "sandbox_limits": "yes"}),
            ("U115", {"deleted_bid": "U115"}),
        ],
    )
    def test_a_key_is_deleted_once(self, expected: str, options: dict[str, str]) -> None:
        """U309 in the sandbox, U115 live, also for one that never was; authDate is there still."""
        shop = Subscriber(**options)
        shop.regist()
        shop.expire()
        for bid in (shop.bid, "B" * 30):
            answer = shop.expire(bid)

            assert expected == answer["resultCode"]
            assert ["resultCode", "resultMsg", "orderId", "bid", "authDate"] == list(answer)

    def test_without_recurring_payments_it_is_u313(self) -> None:
        """The request is not wrong: authDate is there."""
        shop = Subscriber(merchant={"recurring": "no"})
        answer = shop.expire("B" * 30)

        assert "U313" == answer["resultCode"]
        assert ["resultCode", "resultMsg", "orderId", "bid", "authDate"] == list(answer)

    def test_a_wrong_request_has_no_auth_date(self, shop: Subscriber) -> None:
        """Two keys alone, and nothing is deleted."""
        assert ["resultCode", "resultMsg"] == list(shop.expire(orderId=""))
        assert "0000" == shop.charge()["resultCode"]

    def test_another_merchants_key_stays(self, shop: Subscriber) -> None:
        """A255."""
        bid = shop.bid
        shop.merchant = shop.sandbox.add_merchant()

        assert "A255" == shop.expire(bid)["resultCode"]
        assert "active" == shop.key(bid).status

    @pytest.mark.parametrize(
        ("expected", "method", "fields"),
        [
            ("0000", "cardBill", {}),
            ("0000", "cardBill", {"method": "cardBill"}),
            ("0000", "kakaoBill", {"method": "kakaoBill"}),
            ("0000", "naverCardBill", {"method": "naverCardBill", "reason": "해지"}),
            ("U100", "kakaoBill", {}),
            ("U100", "naverPointBill", {"method": "naverPointBill"}),
            ("U100", "tosspayBill", {"method": "tosspayBill", "reason": "  "}),
            ("U309", "kakaoBill", {"method": "tosspayBill", "reason": "해지"}),
            ("U119", "kakaoBill", {"method": "kakao"}),
        ],
    )
    def test_a_wallets_key_needs_its_method(
        self, shop: Subscriber, expected: str, method: str, fields: dict[str, str]
    ) -> None:
        """Naver's and Toss's a reason as well; a blank is none."""
        of_kind(shop, method)

        assert expected == shop.expire(**fields)["resultCode"]

    @pytest.mark.parametrize(
        ("told", "method"),
        [("method was not sent", None), ("was not registered as 'cardBill'", "cardBill")],
    )
    def test_the_method_it_needs_is_told(
        self, shop: Subscriber, told: str, method: str | None
    ) -> None:
        """A method that was left out is not told as an empty one."""
        of_kind(shop, "kakaoBill")
        shop.charge(method=method)

        assert told in shop.cause()
        assert "send method 'kakaoBill'" in shop.cause()

    def test_a_network_may_refuse_it(self, shop: Subscriber) -> None:
        """By a scenario's word: the key stays."""
        rule = {"call": "subscribe.expire", "times": 1, "reply": {"code": "F110"}}
        shop.sandbox.choose_scenario({"version": 1, "name": "no", "rules": [rule]})
        answer = shop.expire()

        assert ("F110", "authDate") == (answer["resultCode"], list(answer)[-1])
        assert "0000" == shop.charge()["resultCode"]


class TestStatus:
    """POST /v1/subscribe/{bid}/status."""

    def test_a_key_of_toss_has_a_status(self, shop: Subscriber) -> None:
        """In use, suspended, deleted."""
        bid = of_kind(shop, "tosspayBill")
        told = [shop.status()]
        shop.sandbox.billing.suspend(bid, on=True)
        told.append(shop.status())
        shop.expire(method="tosspayBill", reason="해지")
        told.append(shop.status())

        assert ["resultCode", "resultMsg", "tid", "orderId", "bid", "bidStatus", "status"] == list(
            told[0]
        )
        assert [("0", "active"), ("1", "inactive"), ("2", "unknown")] == [
            (answer["bidStatus"], answer["status"]) for answer in told
        ]

    @pytest.mark.parametrize(
        ("expected", "bid", "fields"),
        [
            ("U119", None, {"method": "kakaoBill"}),
            ("U100", None, {"method": ""}),
            ("U309", None, {}),
            ("U309", "B" * 30, {}),
            ("U345", "B", {}),
            ("U345", "", {}),
        ],
    )
    def test_other_keys_have_none(
        self, shop: Subscriber, expected: str, bid: str | None, fields: dict[str, str]
    ) -> None:
        """Only Toss is asked."""
        assert expected == shop.status(bid, **fields)["resultCode"]

    @pytest.mark.parametrize(
        ("status", "code", "options"),
        [
            (404, "U320", {"edition": "gateway"}),
            (404, "U320", {"edition": "manual"}),
            (404, "U320", {"bid_status": "no"}),
            (200, "U345", {"edition": "gateway", "bid_status": "yes"}),
            (403, "U109", {"sandbox_limits": "yes"}),
        ],
    )
    def test_not_every_edition_has_it(
        self, status: int, code: str, options: dict[str, str]
    ) -> None:
        """Without it there is no such path; the sandbox does not allow it."""
        shop = Subscriber(**options)
        body = {"orderId": "a", "method": "tosspayBill"}
        answered, answer = shop.ask("POST", "/v1/subscribe/B/status", body)

        assert (code, status) == (answer["resultCode"], answered)


class TestWallets:
    """What a checkout registers."""

    @pytest.mark.parametrize(
        ("method", "pay_method"),
        [
            ("cardBill", "card"),
            ("naverCardBill", "naverpay"),
            ("naverPointBill", "naverpay"),
            ("kakaoBill", "kakaopay"),
            ("tosspayBill", "tosspay"),
        ],
    )
    def test_a_checkout_registers_what_paid(
        self, shop: Subscriber, method: str, pay_method: str
    ) -> None:
        """The bid of its form is charged by the method it was registered as."""
        bid = of_kind(shop, method)
        is_toss = method == "tosspayBill"
        months = {"cardQuota": None, "useShopInterest": None} if is_toss else {}
        answer = shop.charge(method=None if method == "cardBill" else method, **months)

        assert ("0000", pay_method) == (answer["resultCode"], answer["payMethod"])
        assert bid == shop.key().bid

    @pytest.mark.parametrize(("expected", "method"), [("U119", "kakaoBill"), ("0000", "cardBill")])
    def test_the_sandbox_registers_no_wallet(self, expected: str, method: str) -> None:
        """With its limits a checkout that would is refused."""
        shop = Subscriber(sandbox_limits="yes", merchant={"window": "client"})
        fields = {"sessionId": "s", "orderId": "o", "method": method, "amount": 1004}
        page = {"goodsName": "책", "returnUrl": "http://127.0.0.1/return"}

        assert expected == shop.post("/v1/checkout", {**fields, **page})["resultCode"]

    def test_without_a_payment_nothing_is_registered(self, shop: Subscriber) -> None:
        """A decline has made no key, and a later cancel of the payment keeps it."""
        bid = of_kind(shop, "kakaoBill")
        keys = shop.sandbox.store.find(BillingKey, shop.merchant.client_id)
        shop.post(f"/v1/payments/{keys[0].tid}/cancel", {"reason": "r", "orderId": "c"})

        assert [bid] == [key.bid for key in keys]
        assert "0000" == shop.charge(method="kakaoBill")["resultCode"]

    def test_a_declined_checkout_has_no_bid(self, shop: Subscriber) -> None:
        """Its form says so."""
        shop.merchant = shop.sandbox.add_merchant(window="client")
        fields = {
            "sessionId": "s",
            "orderId": "o",
            "method": "cardBill",
            "amount": 1004,
            "goodsName": "mock:3011",
            "returnUrl": "http://127.0.0.1/return",
        }
        shop.post("/v1/checkout", fields)
        visit = shop.sandbox.checkout.pay(shop.sandbox.checkout.session("s"))

        assert visit.form is not None
        assert ("3011", None) == (visit.form["resultCode"], visit.form.get("bid"))
        assert [] == shop.sandbox.store.find(BillingKey, shop.merchant.client_id)
