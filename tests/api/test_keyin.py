"""Key-in payments: the answer, what is checked inside encData, and their life afterwards."""

import json
from hashlib import sha256
from typing import Any

import pytest
from typed import CARD, Keypad, without

from mock_nicepay.core.records import FAILED, PAID, Delivery
from mock_nicepay.core.webhooks.addresses import put_addresses

TABLE = [  # the keys of E26's table, in its order
    *("resultCode", "resultMsg", "tid", "orderId", "amount", "currency", "goodsName", "status"),
    *("paidAt", "failedAt", "ediDate", "signature", "approveNo", "buyerName", "buyerTel"),
    *("buyerEmail", "receiptUrl", "mallReserved", "card", "messageSource"),
]
BIRTH, ALL = {"cardFields": "birth"}, {"cardFields": "all"}


@pytest.fixture
def pad() -> Keypad:
    """A merchant that may key cards in."""
    return Keypad()


def test_answers_the_keys_of_the_table(pad: Keypad) -> None:
    """In its order, with what was sent, and what was not as null."""
    answer = pad.key_in(buyerName="홍길동", mallReserved="x")

    assert TABLE == list(answer)
    assert ("0000", "paid", None, "0") == tuple(
        answer[key] for key in ("resultCode", "status", "currency", "failedAt")
    )
    assert ("홍길동", None, "x") == tuple(
        answer[key] for key in ("buyerName", "buyerTel", "mallReserved")
    )
    assert ("04", "940412******1234", 0) == tuple(
        answer["card"][key] for key in ("cardCode", "cardNum", "cardQuota")
    )


@pytest.mark.parametrize("currency", [None, "KRW"])
def test_the_published_request_is_charged(currency: str | None) -> None:
    """As the manual prints it, with the secret key it prints: with birth date and password inside."""
    pad = Keypad(merchant={"secretKey": "2dcc2a0d63bf469490bb19a201be3735"})
    encdata = (
        "7c4b12eb43324290bd0e522900a892343f57e0d176cdadae757132c7f3cd442f023ef5c3ffa254ed04b6d47624d4"
        "c7847e8061f3be0d67adf1b463b46a542052cf47a5206bfd23945fc1851d426468f4"
    )
    answer = pad.key_in(encData=encdata, goodsName="test", currency=currency)

    assert ("0000", currency) == (answer["resultCode"], answer["currency"])
    assert "123456******3456" == answer["card"]["cardNum"]


def test_is_signed_over_tid_amount_and_date(pad: Keypad) -> None:
    """As every payment's answer is."""
    answer = pad.key_in()
    text = f"{answer['tid']}1004{answer['ediDate']}{pad.till.merchant.secret_key}"

    assert sha256(text.encode()).hexdigest() == answer["signature"]


@pytest.mark.parametrize("currency", ["KRW", "USD", "CNY"])
def test_echoes_the_currency_that_was_sent(pad: Keypad, currency: str) -> None:
    """It has no default; the payment behind it is in that currency."""
    answer = pad.key_in(currency=currency)

    assert currency == answer["currency"]
    assert currency == pad.till.get(answer["tid"])["currency"]


@pytest.mark.parametrize(
    ("name", "limit"),
    [("orderId", 64), ("goodsName", 40), ("buyerName", 30), ("mallReserved", 500)],
)
def test_limits_are_in_characters(pad: Keypad, name: str, limit: int) -> None:
    """A text of so many Hangul syllables is taken whole, and found again as it was."""
    answer = pad.key_in(**{name: "가" * limit})

    assert "가" * limit == answer[name]
    assert answer[name] == pad.till.get(answer["tid"])[name]
    assert "U105" == pad.key_in(**{name: "가" * (limit + 1)})["resultCode"]
    assert "characters" in pad.told()


# encData


@pytest.mark.parametrize("cipher", ["AES-128-CBC", "AES-256-CBC"])
def test_takes_ecb_alone(pad: Keypad, cipher: str) -> None:
    """U340 for what the other calls take; the journal says what it was."""
    answer = pad.key_in(encData=pad.encdata(CARD, cipher))

    assert "U340" == answer["resultCode"]
    assert f"it is {cipher} with" in pad.told()


@pytest.mark.parametrize("text", ["z", "00" * 16, "", "ab" * 17, "가" * 512])
def test_what_does_not_open_is_u340(pad: Keypad, text: str) -> None:
    """Whatever the reason, one code; only what is not there at all is U100."""
    assert ("U340" if text else "U100") == pad.key_in(encData=text)["resultCode"]
    assert [] == pad.payments()


def test_another_merchants_key_is_told(pad: Keypad) -> None:
    """The journal names whose key it was made with, and shows no key."""
    other = pad.till.sandbox.add_merchant()
    own, pad.till.merchant = pad.till.merchant, other
    text = pad.encdata(CARD, "AES-128-ECB")
    pad.till.merchant = own

    assert "U340" == pad.key_in(encData=text)["resultCode"]
    assert f"another key ({other.client_id})" in pad.told()
    assert other.secret_key[:16] not in pad.told()


@pytest.mark.parametrize(
    ("code", "account", "card"),
    [
        ("0000", {}, CARD),
        ("0000", {}, {**CARD, "idNo": "", "cardPw": "no digits"}),
        ("0000", {}, {**CARD, "anything": "else"}),
        ("0000", BIRTH, CARD),
        ("0000", BIRTH, {**CARD, "idNo": "800101"}),
        ("0000", BIRTH, {**CARD, "idNo": "1234567890"}),
        ("U341", BIRTH, {**CARD, "idNo": ""}),
        ("U341", BIRTH, {**CARD, "idNo": "1980-01"}),
        ("U341", BIRTH, {**CARD, "idNo": "800101", "cardPw": "12"}),
        ("U341", BIRTH, {**CARD, "cardPw": ""}),
        ("0000", ALL, {**CARD, "idNo": "800101", "cardPw": "12"}),
        ("0000", ALL, CARD),
        ("U341", ALL, {**CARD, "cardPw": "123"}),
        ("U341", {}, {**CARD, "cardNo": ""}),
        ("U341", {}, {**CARD, "cardNo": "9404-1234-1234-12"}),
        ("U341", {}, {**CARD, "cardNo": "1234567890123"}),
        ("U341", {}, {**CARD, "expYear": "2030"}),
        ("U341", {}, {**CARD, "expMonth": "13"}),
        ("U341", {}, {"cardNo": CARD["cardNo"], "expMonth": "12", "expYear": "30"}),
        ("U341", {}, "expYear=30&cardNo=9404123412341234&expMonth=12"),
        ("3011", {}, without(CARD, "cardNo")),
        ("3021", {}, without(CARD, "expYear")),
        ("3021", {}, without(CARD, "expMonth")),
        ("3011", {}, without(CARD, "cardNo", cardNumber="9404123412341234")),
    ],
)
def test_what_is_inside_must_fit_the_account(
    code: str, account: dict[str, str], card: dict[str, str] | str
) -> None:
    """Only what is there is checked; what is missing is declined by the network. No value is told."""
    pad = Keypad(merchant=account)
    answer = pad.key_in(card)

    assert code == answer["resultCode"]
    assert (code == "0000") == (pad.told() == "")
    for value in ("9404123412341234", "9404-1234", "800101"):
        assert value not in str(pad.till.control("GET", "/journal")[1])


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("cardNumber is there, which is not a field: did you mean cardNo?",
         without(CARD, "cardNo", cardNumber="9404123412341234")),
        ("cardNo inside encData has 19 characters that do not fit", {**CARD, "cardNo": "9404-1234-1234-1234"}),
        ("leave out blanks and hyphens", {**CARD, "cardNo": "9404-1234-1234-1234"}),
        ("expMonth must follow expYear directly", {"expMonth": "12", "expYear": "30"}),
        ("expYear inside encData is not there; there are cardNo, expMonth", without(CARD, "expYear")),
    ],
)  # fmt: skip
def test_says_what_is_wrong_inside(pad: Keypad, said: str, card: dict[str, str]) -> None:
    """The journal names the field and what it must be."""
    pad.key_in(card)

    assert said in pad.told()


# What else is refused or declined


@pytest.mark.parametrize(
    ("code", "account", "fields"),
    [
        ("U313", {"keyIn": "disabled"}, {}),
        ("U313", {"keyIn": "disabled"}, {"encData": "00"}),
        ("U321", {}, {"taxFreeAmt": 1005}),
        ("0000", {}, {"taxFreeAmt": 1004}),
        ("U127", {}, {"amount": 0}),
        ("U132", {}, {"currency": "JPY"}),
        ("U133", {}, {"isInterestFree": "x"}),
        ("U329", {}, {"cardQuota": "x"}),
        ("U100", {}, {"cardQuota": None}),
        ("0000", {}, {"supplyAmt": 1, "goodsVat": "x", "serviceAmt": -1}),
    ],
)
def test_what_is_refused(code: str, account: dict[str, str], fields: dict[str, Any]) -> None:
    """A refusal leaves nothing behind; fields that are ignored are."""
    pad = Keypad(merchant=account)

    assert code == pad.key_in(**fields)["resultCode"]
    assert (code == "0000") == bool(pad.payments())


@pytest.mark.parametrize(
    ("code", "options", "fields"),
    [
        ("A128", {"merchant": {"keyIn": "unregistered"}}, {}),
        ("3022", {}, {"amount": 50_000, "cardQuota": 1}),
        ("3023", {}, {"amount": 50_000, "cardQuota": 37}),
        ("3024", {}, {"amount": 49_999, "cardQuota": 2}),
        ("3011", {"card_checks": True}, {}),
        ("3021", {"card_checks": True}, {"card": without(CARD, cardNo="9404123412341235", expYear="23", expMonth="01")}),
        ("3031", {}, {"goodsName": "mock:3031"}),
        ("A128", {}, {"orderId": "mock:A128"}),
    ],
)  # fmt: skip
def test_what_the_network_declines(
    code: str, options: dict[str, Any], fields: dict[str, Any]
) -> None:
    """A decline is a failed payment with a tid of its own; its orderId is free again."""
    pad = Keypad(**options)
    answer = pad.key_in(**{"orderId": "once", **fields})

    assert (code, "failed", None, None, "0") == tuple(
        answer[key] for key in ("resultCode", "status", "card", "approveNo", "paidAt")
    )
    assert TABLE == list(answer)
    assert FAILED == pad.till.get(answer["tid"])["status"]
    assert "U107" == pad.till.get(f"find/{answer['orderId']}")["resultCode"]
    assert pad.told() or "mock:" in str(fields)


@pytest.mark.parametrize("order", ["A", "B"])
def test_an_order_id_is_paid_once(pad: Keypad, order: str) -> None:
    """U112 for one that was paid in the window or keyed in before, also when that was cancelled."""
    first = pad.key_in(orderId="A")["tid"]
    pad.till.cancel(pad.till.pay(order_id="B"))
    pad.till.cancel(pad.stored(first))

    assert "U112" == pad.key_in(orderId=order)["resultCode"]


def test_a_card_that_passes_the_checks() -> None:
    """With card_checks a number with a right check digit and a month to come is charged."""
    pad = Keypad(card_checks=True)

    assert "0000" == pad.key_in(without(CARD, cardNo="9404123412341235"))["resultCode"]


def test_installments_without_interest(pad: Keypad) -> None:
    """From 50,000 won on; a lump sum is never said to be without interest."""
    plan = pad.key_in(amount=50_000, cardQuota="03", isInterestFree=True)["card"]

    assert (3, True) == (plan["cardQuota"], plan["isInterestFree"])
    assert pad.key_in(isInterestFree="true")["card"]["isInterestFree"] is False


def test_the_sandbox_has_no_key_in() -> None:
    """With its limits the call is not there: U109, 403."""
    pad = Keypad(sandbox_limits=True)

    assert "U109" == pad.key_in()["resultCode"]
    assert [] == pad.payments()


# Scenarios


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        (FAILED, {"reply": {"code": "3011"}}),
        (FAILED, {"reply": {"code": "U504"}}),
        (None, {"reply": {"code": "U340"}}),
        (None, {"effect": "none"}),
        (None, {"effect": "none", "reply": "hang"}),
        (PAID, {"reply": "hang"}),
        (PAID, {"effect": "commit", "reply": {"code": "9999"}}),
    ],
)
def test_what_a_scenario_leaves(pad: Keypad, status: str | None, rule: dict[str, Any]) -> None:
    """A decline is recorded, effect none leaves nothing, a lost answer leaves the payment."""
    pad.play(call="keyin.pay", **rule)
    pad.key_in(orderId="A")

    assert status == next((each.status for each in pad.payments()), None)
    assert (status == PAID) == (pad.till.get("find/A")["resultCode"] == "0000")


# Afterwards


def test_is_cancelled_as_any_payment_is(pad: Keypad) -> None:
    """In part and as a whole, in the shape of every cancel."""
    payment = pad.stored(pad.key_in()["tid"])
    part = pad.till.cancel(payment, cancelAmt=4)
    rest = pad.till.cancel(payment)

    assert ("partialCancelled", 1000, "card") == (
        part["status"], part["balanceAmt"], part["payMethod"],
    )  # fmt: skip
    assert ("cancelled", 0) == (rest["status"], rest["balanceAmt"])


def test_is_net_cancelled_by_its_order_id(pad: Keypad) -> None:
    """Within the hour, when the answer was lost."""
    pad.key_in(orderId="A")

    assert "cancelled" == pad.till.net_cancel("A")["status"]
    assert "cancelled" == pad.till.get("find/A")["status"]


def test_its_event_has_the_keys_of_its_answer(pad: Keypad) -> None:
    """The paid event carries the key-in answer, that of a cancel the payment."""
    put_addresses(  # where nobody listens
        pad.till.sandbox.store, pad.till.merchant.client_id, "all", "http://127.0.0.1:9/hook"
    )
    answer = pad.key_in()
    pad.till.cancel(pad.stored(answer["tid"]))
    paid, cancelled = (json.loads(each.body) for each in pad.till.sandbox.store.find(Delivery))

    assert answer == paid
    assert ("cancelled", "card") == (cancelled["status"], cancelled["payMethod"])
