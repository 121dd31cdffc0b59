"""What a checkout takes: each field by itself, and which of them fit together."""

from datetime import datetime
from typing import Any

import pytest

from mock_nicepay.contract.checkout.fields import CheckoutRequest, Deadline
from mock_nicepay.contract.checkout.rules import (
    check_key,
    check_limits,
    check_together,
    goods_name,
)
from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.times import KST

ORDER = {
    "sessionId": "s-1",
    "orderId": "o-1",
    "method": "card",
    "amount": 1004,
    "goodsName": "coffee",
    "returnUrl": "https://shop.example/return",
}
BOTH_CARD = {"cardCode": "04", "cardQuota": "00"}


def read(**fields: Any) -> dict[str, Any]:
    """The fields as the call works with them."""
    order = CheckoutRequest().read({**ORDER, **fields})
    check_together(order)
    return order


def refused(**fields: Any) -> tuple[str, tuple[object, ...]]:
    """What the fields are refused with."""
    with pytest.raises(Refusal) as refusal:
        read(**fields)
    assert refusal.value.cause
    assert refusal.value.cause.en
    assert refusal.value.cause.ko
    return refusal.value.code, refusal.value.values


@pytest.mark.parametrize(
    ("code", "values", "fields"),
    [
        ("U100", ("sessionId",), {"sessionId": ""}),
        ("U100", ("method",), {"method": None}),
        ("U105", (256, 257), {"sessionId": "s" * 257}),
        ("U105", (64, 66), {"orderId": "가" * 22}),
        ("U154", ("sessionId",), {"sessionId": "a b"}),
        ("U154", ("cardQuota",), {"cardQuota": "00, 02"}),
        ("U132", ("paypal",), {"method": "paypal"}),
        ("U132", ("krw",), {"currency": "krw"}),
        ("U132", ("DOLLAR",), {"currency": "DOLLAR"}),
        ("U132", ("utf-16",), {"returnCharSet": "utf-16"}),
        ("U132", ("JP",), {"language": "JP"}),
        ("U132", ("blue",), {"skinType": "blue"}),
        ("U127", ("amount",), {"amount": 0}),
        ("U127", (), {"amount": 10**12}),
        ("U133", ("useEscrow",), {"useEscrow": "yes"}),
        ("U133", ("isDigital",), {"isDigital": 1}),
        ("U133", ("fakeAuth",), {"fakeAuth": []}),
        ("U149", (), {"cardCode": "99"}),
        ("U133", ("cardQuota",), {"cardQuota": "2"}),
        ("U133", ("cardQuota",), {"cardQuota": "01"}),
        ("U144", (36,), {"cardQuota": "37", "amount": 50000}),
        ("U133", ("cardShowOpt",), {"cardShowOpt": "08:4"}),
        ("U133", ("cardShowOpt",), {"cardShowOpt": "08:3¦02:3"}),
        ("U133", ("cardShowOpt",), {"cardShowOpt": "CardShowOpt=08:3"}),
        ("U329", (), {"vbankValidHours": "soon"}),
        ("U329", (), {"vbankValidHours": True}),
        ("U339", ("vbankValidHours",), {"vbankValidHours": 0}),
        ("U339", ("vbankValidHours",), {"vbankValidHours": "-1"}),
        ("U105", (4, 5), {"vbankValidHours": 10000}),
        ("U322", (), {"expireDate": "2023-03-25T13:58:01+09:00"}),
        ("U322", (), {"expireDate": "2023-03-25T13:58:01.000+09:00"}),
        ("U322", (), {"expireDate": "2023-03-25T13:58:01"}),
        ("U322", (), {"expireDate": "2023-02-30T00:00:00Z"}),
        ("U330", (), {"vbankExpDate": "20230325"}),
        ("U330", (), {"vbankExpDate": "202303251200"}),
        ("U330", (), {"vbankExpDate": "2023-03-25 12:00"}),
        ("U153", ("2023-02-30",), {"vbankExpDate": "2023-02-30"}),
    ],
)
def test_a_field_by_itself(code: str, values: tuple[object, ...], fields: dict[str, Any]) -> None:
    """A field of a wrong form has its own code, with what fills its message."""
    assert (code, values) == refused(**fields)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("U327", {"taxFreeAmt": 1005}),
        ("U331", {"useEscrow": True, "method": "cardAndEasyPay"}),
        ("U331", {"useEscrow": "true", "method": "directCard", **BOTH_CARD}),
        ("U331", {"useEscrow": True, "method": "payco"}),
        ("U331", {"useEscrow": True, "method": "tosspay"}),
        ("U146", {"useEscrow": True, "method": "cellphone", "isDigital": True}),
        ("U143", {"currency": "USD", "method": "bank"}),
        ("U143", {"method": "bank", "cardCode": "04"}),
        ("U143", {"method": "vbank", "vbankHolder": "홍", "cardQuota": "00"}),
        ("U135", {"method": "directCard"}),
        ("U135", {"method": "directCard", "cardCode": "04"}),
        ("U332", {"method": "cardAndEasyPay", "cardCode": "04"}),
        ("U332", {"method": "cardAndEasyPay", "cardQuota": "00"}),
        ("U139", {"method": "kakaopayMoney", "cardCode": "04"}),
        ("U140", {"method": "tosspayMoney", "cardQuota": "00"}),
        ("U136", {"method": "payco", "cardCode": "04,06"}),
        ("U145", {"method": "naverpayCard", "cardCode": "21"}),
        ("U145", {"method": "card", "cardCode": "40"}),
        ("U138", {"method": "kakaopayCard", "cardQuota": "00"}),
        ("U141", {"method": "ssgpay", "cardCode": "04", "cardQuota": "00,02", "amount": 50000}),
        ("U134", {"cardQuota": "00,02", "amount": 49999}),
        ("U100", {"method": "vbank"}),
        ("U100", {"method": "cellphone"}),
        ("U148", {"directReceiptType": "individual"}),
        ("U148", {"method": "naverpayPoint"}),
        ("U133", {"directReceiptType": "company", "directReceiptNo": "12345678901"}),
        ("U133", {"directReceiptType": "individual", "directReceiptNo": "010-1234-5678"}),
    ],
)
def test_what_does_not_fit_together(code: str, fields: dict[str, Any]) -> None:
    """The U13x to U15x checks, one by one."""
    assert code == refused(**fields)[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"cardQuota": "00,02,36", "amount": 50000},
        {"cardQuota": "00"},
        {"cardQuota": "02", "currency": "USD", "amount": 10},
        {"method": "directCard", **BOTH_CARD},
        {"method": "kakaopayCard", "cardCode": "04", "cardQuota": "02", "amount": 50000},
        {"method": "payco", "cardQuota": "00,02", "amount": 50000},
        {"method": "tosspayCard", "cardCode": "21"},
        {"method": "vbank", "vbankHolder": "홍길동", "useEscrow": True},
        {"method": "cellphone", "isDigital": "false"},
        {"method": "naverpayPoint", "directReceiptNo": "01012345678"},
        {"directReceiptType": "unPublished"},
        {"cardShowOpt": "08:3|02:1"},
        {"taxFreeAmt": 1004},
        {"amount": "1004.99"},
    ],
)
def test_what_fits(fields: dict[str, Any]) -> None:
    """These are taken."""
    assert read(**fields)


@pytest.mark.parametrize("method", ALL_METHODS)
def test_every_method_can_be_asked_for(method: str) -> None:
    """All the window's methods, and those that only a checkout has."""
    companions = {
        "vbank": {"vbankHolder": "홍길동"},
        "cellphone": {"isDigital": True},
        "directCard": BOTH_CARD,
        "naverpayPoint": {"directReceiptNo": "0101234567"},
    }

    assert method == read(method=method, **companions.get(method, {}))["method"]


@pytest.mark.parametrize(
    ("expected", "name", "text"),
    [
        (datetime(2023, 3, 25, 13, 58, 1, tzinfo=KST), "expireDate", "2023-03-25T04:58:01Z"),
        (
            datetime(2023, 3, 25, 13, 58, 1, tzinfo=KST),
            "expireDate",
            "2023-03-25T13:58:01.000+0900",
        ),
        (Deadline(datetime(2023, 3, 25, 23, 59, tzinfo=KST), True), "vbankExpDate", "2023-03-25"),
        (
            Deadline(datetime(2023, 3, 25, 12, 30, tzinfo=KST), False),
            "vbankExpDate",
            "2023-03-25T12:30",
        ),
        (
            Deadline(datetime(2023, 3, 25, 13, 58, 1, tzinfo=KST), False),
            "vbankExpDate",
            "2023-03-25T04:58:01Z",
        ),
        (24, "vbankValidHours", "24"),
        (True, "fakeAuth", "true"),
        ("UTF-8", "returnCharSet", "UTF-8"),
        ("a-b-c-", "goodsName", 'a"b|c¦'),
        (("04", "06"), "cardCode", "04,06"),
        ((0, 2), "cardQuota", "00,02"),
    ],
)
def test_what_a_field_becomes(expected: object, name: str, text: str) -> None:
    """Dates are moments in Korean time, lists are tuples."""
    assert expected == read(**{name: text, "amount": 50000})[name]


@pytest.mark.parametrize(
    ("edition", "name", "limit"),
    [
        ("manual", "sessionId", 64),
        ("manual", "goodsName", 40),
        ("manual", "returnUrl", 500),
        ("gateway", "sessionId", 256),
        ("gateway", "goodsName", 100),
        ("gateway", "returnUrl", 2500),
    ],
)
def test_limits_are_the_editions(edition: str, name: str, limit: int) -> None:
    """K25 prints 64, 40 and 500 bytes where E26 prints 256, 100 and 2500."""
    check_limits({**ORDER, name: "x" * limit}, EDITIONS[edition])
    with pytest.raises(Refusal) as refusal:
        check_limits({**ORDER, name: "x" * (limit + 1)}, EDITIONS[edition])

    assert ("U105", (limit, limit + 1)) == (refusal.value.code, refusal.value.values)


@pytest.mark.parametrize(
    ("expected", "method"),
    [("가" * 13, "tosspayBill"), ("가" * 13, "kakaoBill"), ("가" * 33, "card")],
)
def test_some_methods_cut_the_goods_name(expected: str, method: str) -> None:
    """At 40 bytes, and never amid a letter."""
    assert expected == goods_name({"method": method, "goodsName": "가" * 33})


def test_toss_bill_needs_the_other_key() -> None:
    """With a Server-approval key it is U147 at once; all other methods are made, and fail later."""
    check_key({"method": "tosspayBill"}, "client")
    check_key({"method": "card"}, "server")
    with pytest.raises(Refusal, match="U147"):
        check_key({"method": "tosspayBill"}, "server")
