"""E-pay: the answer, what is checked inside encData, and the rules of each card company."""

from hashlib import sha256
from typing import Any

import pytest
from typed import BY_APP, Keypad, without

from mock_nicepay.contract.bodies import PAYMENT
from mock_nicepay.core.records import FAILED

NUMBER = BY_APP["cardNo"]


@pytest.fixture
def pad() -> Keypad:
    """A merchant that takes cards from the companies' apps."""
    return Keypad()


def test_answers_a_payment(pad: Keypad) -> None:
    """With all the keys of a look-up, and what was sent."""
    answer = pad.pay_by_app(buyerName="홍길동", mallReserved="x", taxFreeAmt="4")

    assert [key for key in PAYMENT.fields if key != "sessionId"] == list(answer)
    assert ("0000", "paid", "card", "KRW", "홍길동", "x") == tuple(
        answer[key]
        for key in ("resultCode", "status", "payMethod", "currency", "buyerName", "mallReserved")
    )
    assert ("04", "940412******1234") == (answer["card"]["cardCode"], answer["card"]["cardNum"])
    assert answer == pad.till.get(answer["tid"])


def test_is_signed_over_tid_amount_and_date(pad: Keypad) -> None:
    """As every payment's answer is."""
    answer = pad.pay_by_app()
    text = f"{answer['tid']}1004{answer['ediDate']}{pad.till.merchant.secret_key}"

    assert sha256(text.encode()).hexdigest() == answer["signature"]


@pytest.mark.parametrize("path", ["/v1/epay", "/v1/epay/"])
def test_with_and_without_the_last_slash(pad: Keypad, path: str) -> None:
    """K25 prints it both ways."""
    assert "U100" == pad.till.post(path, {"orderId": "A"})["resultCode"]


# encData


@pytest.mark.parametrize(
    ("code", "cipher", "mode"),
    [
        ("0000", "AES-128-CBC", None),
        ("0000", "AES-256-CBC", "A2"),
        ("U306", "AES-128-ECB", None),
        ("U306", "AES-256-CBC", None),
        ("U306", "AES-128-CBC", "A2"),
        ("U132", "AES-128-CBC", "A1"),
    ],
)
def test_the_mode_says_which_cipher(pad: Keypad, code: str, cipher: str, mode: str | None) -> None:
    """CBC without encMode, AES-256 with A2; the journal says what it was instead."""
    answer = pad.pay_by_app(encData=pad.encdata(BY_APP, cipher), encMode=mode)

    assert code == answer["resultCode"]
    assert (code == "U306") == (f"it is {cipher} with" in pad.told())


@pytest.mark.parametrize(
    ("code", "card"),
    [
        ("0000", BY_APP),
        ("0000", {**BY_APP, "authFlag": "00"}),
        ("0000", {**BY_APP, "TRID": "20210702071254631998"}),
        ("0000", {**without(BY_APP, "CAVV", "XID", "ECI"), "authFlag": "2"}),
        ("0000", {**BY_APP, "authFlag": "2", "CAVV": "", "XID": ""}),
        ("0000", {**BY_APP, "unknown": "x"}),
        ("U317", without(BY_APP, "authFlag")),
        ("U317", {**BY_APP, "authFlag": "1"}),
        ("U317", without(BY_APP, "cardNo")),
        ("U317", {**BY_APP, "cardNo": "9404"}),
        ("U317", without(BY_APP, "track2Data")),
        ("U317", without(BY_APP, "cardExpire")),
        ("U317", {**BY_APP, "cardExpire": "1230"}),
        ("U317", without(BY_APP, "CAVV")),
        ("U317", {**BY_APP, "XID": ""}),
        ("U317", without(BY_APP, "ECI")),
        ("U317", {**BY_APP, "ECI": "005"}),
        ("U317", {**BY_APP, "CAVV": "AAABCGkWZSAhBwIIGRZlBSAAAAA%3D"}),
        ("U317", {**BY_APP, "authFlag": "2", "CAVV": "not Base64!"}),
        ("U317", {**BY_APP, "TRID": "x" * 21}),
    ],
)
def test_what_must_be_inside(pad: Keypad, code: str, card: dict[str, str]) -> None:
    """With authFlag 0 the three values of 3-D secure as well; no value is told."""
    assert code == pad.pay_by_app(card)["resultCode"]
    assert (code == "0000") == (pad.told() == "")
    for value in (NUMBER, BY_APP["CAVV"], BY_APP["XID"]):
        assert value not in str(pad.till.control("GET", "/journal")[1])
    assert (code == "0000") == bool(pad.payments())


@pytest.mark.parametrize(
    ("code", "company", "track", "expire"),
    [
        ("0000", "01", f"37{NUMBER}=3012", "3012"),
        ("0000", "01", f"37{NUMBER}=0000", "0000"),
        ("U317", "01", f"37{NUMBER}=0000", "3012"),
        ("0000", "02", "12345678901234=8911", "3012"),
        ("0000", "02", "3712345678901234=8911", "3012"),
        ("U317", "02", f"37{NUMBER}=0000", "3012"),
        ("0000", "03", "371234567890123456", "3012"),
        ("U317", "03", f"37{NUMBER}=0000", "3012"),
        ("0000", "04", f"37{NUMBER}=0000", "0000"),
        ("U317", "04", f"37{NUMBER}=3012", "3012"),
        ("U317", "04", "379404123412341239=0000", "3012"),
        ("U317", "04", f"{NUMBER}=0000", "3012"),
        ("0000", "06", "371234567890123456", "3012"),
        ("U317", "06", "1234567890123456", "3012"),
        ("0000", "07", f"37{NUMBER}=0000", "3012"),
        ("U317", "07", f"37{NUMBER}=9999", "3012"),
        ("0000", "08", f"37{NUMBER}=9999", "3012"),
        ("U317", "08", f"37{NUMBER}=0000", "3012"),
        ("0000", "12", "371234567890123456", "3012"),
        ("0000", "16", "371234567890123456", "3012"),
        ("0000", "11", "123=456", "3012"),
        ("U317", "11", "abc", "3012"),
        ("U317", "11", "1" * 40, "3012"),
    ],
)
def test_each_company_has_its_track(
    pad: Keypad, code: str, company: str, track: str, expire: str
) -> None:
    """Samsung and Hyundai, Lotte, BC, KB, and those with one-time numbers; of others nothing is known."""
    card = {**BY_APP, "track2Data": track, "cardExpire": expire}

    assert code == pad.pay_by_app(card, cardCode=company)["resultCode"]


# The fields beside it


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("U149", {"cardCode": "99"}),
        ("U149", {"cardCode": 4}),
        ("U105", {"cardCode": "004"}),
        ("U100", {"cardCode": None}),
        ("U133", {"useShopInterest": "no"}),
        ("U100", {"useShopInterest": None}),
        ("U329", {"cardQuota": "lump"}),
        ("U105", {"cardQuota": "100"}),
        ("U321", {"taxFreeAmt": 1005}),
        ("0000", {"useCardPoint": True}),
        ("0000", {"cardQuota": 0}),
        ("0000", {"cardQuota": "00"}),
    ],
)
def test_what_is_refused(pad: Keypad, code: str, fields: dict[str, Any]) -> None:
    """A refusal leaves nothing behind."""
    assert code == pad.pay_by_app(**fields)["resultCode"]
    assert (code == "0000") == bool(pad.payments())


@pytest.mark.parametrize(
    ("code", "options", "fields"),
    [
        ("3022", {}, {"amount": 50_000, "cardQuota": "1"}),
        ("3023", {}, {"amount": 50_000, "cardQuota": "37"}),
        ("3024", {}, {"cardQuota": "2"}),
        ("3011", {"card_checks": True}, {}),
        ("3011", {}, {"orderId": "mock:3011"}),
        ("U504", {}, {"orderId": "mock:U504"}),
    ],
)
def test_what_the_network_declines(
    code: str, options: dict[str, Any], fields: dict[str, Any]
) -> None:
    """A decline is a failed payment with the keys of one; its orderId is free again."""
    pad = Keypad(**options)
    answer = pad.pay_by_app(**{"orderId": "once", **fields})

    assert (code, "failed", None, 0) == tuple(
        answer[key] for key in ("resultCode", "status", "card", "balanceAmt")
    )
    assert [FAILED] == [each.status for each in pad.payments()]
    assert "U107" == pad.till.get(f"find/{answer['orderId']}")["resultCode"]


@pytest.mark.parametrize(
    ("code", "expire", "track"),
    [("0000", "0000", "=0000"), ("0000", "2302", "=0000"), ("3021", "2301", "=0000")],
)
def test_an_expiry_is_checked_when_there_is_one(code: str, expire: str, track: str) -> None:
    """With card_checks a card is good until the end of its month; 0000 is none."""
    pad = Keypad(card_checks=True)
    number = "9404123412341235"
    card = {**BY_APP, "cardNo": number, "track2Data": f"37{number}{track}", "cardExpire": expire}

    assert code == pad.pay_by_app(card)["resultCode"]


def test_the_shop_pays_the_interest(pad: Keypad) -> None:
    """Of installments; a lump sum has none."""
    plan = pad.pay_by_app(amount=50_000, cardQuota="3", useShopInterest=True)["card"]

    assert (3, True) == (plan["cardQuota"], plan["isInterestFree"])
    assert pad.pay_by_app(useShopInterest=True)["card"]["isInterestFree"] is False


def test_an_order_id_is_paid_once(pad: Keypad) -> None:
    """U112, whichever call paid it."""
    pad.key_in(orderId="A")

    assert "U112" == pad.pay_by_app(orderId="A")["resultCode"]
    assert "0000" == pad.pay_by_app(orderId="B")["resultCode"]
    assert "U112" == pad.key_in(orderId="B")["resultCode"]


def test_is_cancelled_as_any_payment_is(pad: Keypad) -> None:
    """By tid, and net-cancelled by its orderId."""
    assert "cancelled" == pad.till.cancel(pad.stored(pad.pay_by_app()["tid"]))["status"]
    pad.pay_by_app(orderId="A")
    assert "cancelled" == pad.till.net_cancel("A")["status"]


def test_the_sandbox_has_no_e_pay() -> None:
    """With its limits the call is not there: U109, 403."""
    assert "U109" == Keypad(sandbox_limits=True).pay_by_app()["resultCode"]
