"""The parameters of requestPay: what is taken, and with which code everything else is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from mock_nicepay.contract.methods import METHODS
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.tables import result_code
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.contract.window.request import PARAMETERS, REQUEST_PAY, read

ORDER: dict[str, Any] = {
    "clientId": "S2_af4543a0be4d49a98122e01ec2059a56",
    "method": "card",
    "orderId": "order-1",
    "amount": 1004,
    "goodsName": "나이스페이-상품",
    "returnUrl": "http://localhost:3000/serverAuth",
}
COMPANIONS: dict[str, dict[str, Any]] = {
    "vbank": {"vbankHolder": "홍길동"},
    "cellphone": {"isDigital": True},
    "directCard": {"cardCode": "04", "cardQuota": "00"},
}
WALLETS = [name for name, method in METHODS.items() if method.is_wallet]
WITH_CARDS = ["naverpayCard", "kakaopay", "kakaopayCard", "samsungpayCard", "payco", "ssgpay"]


def order(**params: Any) -> dict[str, Any]:
    """Parameters that the window takes, but for those given; None leaves one out."""
    method = str(params.get("method", "card"))
    merged = {**ORDER, **COMPANIONS.get(method, {}), **params}
    return {name: value for name, value in merged.items() if value is not None}


def refusal(**params: Any) -> Refusal:
    """What the window says to these parameters."""
    with pytest.raises(Refusal) as refused:
        read(order(**params))
    return refused.value


def moment(text: str) -> datetime:
    """A moment in Korea."""
    return parse_moment(f"{text}+0900")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_taken(method: str) -> None:
    """With what it needs beside the usual parameters; what was not sent is None."""
    values = read(order(method=method))

    assert (method, 1004, None) == (values["method"], values["amount"], values["mallReserved"])


def test_the_parameters_are_the_manuals() -> None:
    """In its order, for the first that fails decides."""
    assert list(ORDER) == list(PARAMETERS[:6])
    assert [name for name in PARAMETERS if name in ORDER] == [
        name for name, field in REQUEST_PAY.fields.items() if field.required
    ]


def test_what_the_window_does_not_know_is_ignored() -> None:
    """fnError is the page's own, and other keys are nobody's."""
    assert read(order()) == read(order(fnError="function(){}", unknown={"a": [1]}))


# Parameters, the code, and the values its message is filled with.
WRONG: list[tuple[dict[str, Any], str, tuple[object, ...]]] = [
    ({"clientId": None}, "P001", ()),
    ({"clientId": ""}, "P001", ()),
    ({"clientId": "S" * 51}, "P009", ("clientId", "S" * 51, 50)),
    ({"method": None}, "P007", ("method",)),
    ({"method": ""}, "P007", ("method",)),
    ({"orderId": None}, "P007", ("orderId",)),
    ({"amount": None}, "P007", ("amount",)),
    ({"goodsName": None}, "P007", ("goodsName",)),
    ({"returnUrl": None}, "P007", ("returnUrl",)),
    ({"method": "tosspay"}, "P012", ("method", "tosspay", ", ".join(METHODS))),
    ({"method": "CARD"}, "P012", ("method", "CARD", ", ".join(METHODS))),
    ({"orderId": {"a": 1}}, "P038", ()),
    ({"goodsName": ["x"]}, "P038", ()),
    ({"amount": "천원"}, "P010", ("amount", "천원")),
    ({"amount": " 1004"}, "P010", ("amount", " 1004")),
    ({"amount": "1,004"}, "P010", ("amount", "1,004")),
    ({"amount": True}, "P010", ("amount", "True")),
    ({"amount": float("nan")}, "P010", ("amount", "nan")),
    ({"amount": -1}, "P010", ("amount", "-1")),
    ({"amount": 0}, "P017", ()),
    ({"amount": "0"}, "P017", ()),
    ({"amount": 0.9}, "P017", ()),
    ({"amount": 10**12}, "P009", ("amount", str(10**12), 12)),
    ({"amount": 1e300}, "P009", ("amount", f"{int(1e300):d}"[:100] + "…", 12)),
    ({"mallReserved": '{"a":1}'}, "P012", ("mallReserved", '{"a":1}', '큰따옴표(")가 없는')),
    ({"useEscrow": "yes"}, "P011", ("useEscrow", "yes")),
    ({"useEscrow": 1}, "P011", ("useEscrow", "1")),
    ({"useEscrow": "True"}, "P011", ("useEscrow", "True")),
    ({"isDigital": []}, "P038", ()),
    ({"currency": "krw"}, "P012", ("currency", "krw", "KRW, USD, CNY")),
    ({"language": "JP"}, "P012", ("language", "JP", "KO, EN, CN")),
    (
        {"returnCharSet": "cp949"},
        "P012",
        ("returnCharSet", "cp949", "utf-8, euc-kr, UTF-8, EUC-KR"),
    ),
    ({"skinType": "blue"}, "P012", ("skinType", "blue", "red, green, purple, gray, dark")),
    ({"taxFreeAmt": "free"}, "P010", ("taxFreeAmt", "free")),
    ({"taxFreeAmt": 1005}, "P036", ()),
    ({"cardQuota": "01"}, "P028", ()),
    ({"cardQuota": "00,01"}, "P028", ()),
    ({"cardQuota": "3"}, "V004", ()),
    ({"cardQuota": "00, 03"}, "V004", ()),
    ({"cardQuota": "03", "amount": 49_999}, "P037", ()),
    ({"cardQuota": "00,03", "amount": 49_999}, "P037", ()),
    ({"cardCode": "99"}, "P021", ()),
    ({"cardCode": "04,"}, "P021", ()),
    ({"cardCode": "40"}, "P021", ()),
    ({"cardCode": "38"}, "P021", ()),
    ({"cardShowOpt": "08:4"}, "P012", ("cardShowOpt", "08:4", "08:3|02:3")),
    ({"cardShowOpt": "08:3,02:3"}, "P012", ("cardShowOpt", "08:3,02:3", "08:3|02:3")),
    ({"cardShowOpt": "03:1"}, "P012", ("cardShowOpt", "03:1", "08:3|02:3")),
    ({"method": "vbank", "vbankHolder": ""}, "P007", ("vbankHolder",)),
    ({"method": "vbank", "vbankValidHours": 0}, "P031", ()),
    ({"method": "vbank", "vbankValidHours": -1}, "P031", ()),
    ({"method": "vbank", "vbankValidHours": 10_000}, "P009", ("vbankValidHours", "10000", 4)),
    ({"method": "vbank", "vbankValidHours": "day"}, "P010", ("vbankValidHours", "day")),
    ({"method": "cellphone", "isDigital": ""}, "P007", ("isDigital",)),
    (
        {"directReceiptType": "none"},
        "P012",
        ("directReceiptType", "none", "unPublished, individual, company"),
    ),
    ({"directReceiptType": "individual"}, "P007", ("directReceiptNo",)),
    ({"directReceiptType": "company"}, "P007", ("directReceiptNo",)),
    (
        {"directReceiptType": "individual", "directReceiptNo": "010-1234-5678"},
        "P010",
        ("directReceiptNo", "010-1234-5678"),
    ),
    (
        {"directReceiptType": "individual", "directReceiptNo": "010123456"},
        "P008",
        ("directReceiptNo", "010123456", 10),
    ),
    (
        {"directReceiptType": "company", "directReceiptNo": "12345678901"},
        "P009",
        ("directReceiptNo", "12345678901", 10),
    ),
    ({"method": "cardAndEasyPay", "cardCode": "04"}, "P023", ("cardCode",)),
    ({"method": "cardAndEasyPay", "cardQuota": "00"}, "P023", ("cardQuota",)),
    ({"method": "cardAndEasyPay", "shopInterest": True}, "P023", ("shopInterest",)),
    ({"method": "cardAndEasyPay", "quotaInterest": "04:03"}, "P023", ("quotaInterest",)),
    *(
        ({"method": method, name: value}, "P029", (name,))
        for method in ("bank", "vbank", "cellphone", "kakaopayMoney")
        for name, value in (("cardCode", "04"), ("cardQuota", "00"))
    ),
    ({"method": "directCard", "cardCode": ""}, "P030", ("cardCode",)),
    ({"method": "directCard", "cardQuota": ""}, "P030", ("cardQuota",)),
    *(({"method": method, "cardCode": "04,06"}, "P033", ()) for method in WITH_CARDS),
    ({"method": "samsungpayCard", "cardCode": "15"}, "P021", ()),
    ({"method": "naverpayCard", "cardCode": "13"}, "P021", ()),
    ({"method": "kakaopay", "cardCode": "40"}, "P021", ()),
    *(
        ({"method": method, "cardQuota": "00"}, "P022", ())
        for method in ("kakaopay", "kakaopayCard", "samsungpayCard", "ssgpay")
    ),
    ({"method": "ssgpay", "cardCode": "04", "cardQuota": "00,03"}, "V004", ()),
    *(
        ({"method": method, "useEscrow": True}, "P032", ())
        for method in (*WALLETS, "directCard", "cardAndEasyPay", "cellphone")
    ),
    ({"method": "cardAndEasyPay", "currency": "USD"}, "A145", ()),
    *(
        ({"method": method, "currency": "USD"}, "A146", ())
        for method in (*WALLETS, "bank", "vbank", "cellphone")
    ),
]


@pytest.mark.parametrize(("params", "code", "values"), WRONG)
def test_what_is_refused(params: dict[str, Any], code: str, values: tuple[object, ...]) -> None:
    """By its code, every place of the message filled, and explained in two languages."""
    refused = refusal(**params)
    row, places = result_code(code), result_code(code).places

    assert (code, values) == (refused.code, refused.values[: max(places, len(values))])
    assert "{}" not in row.message(*refused.values)
    assert refused.cause is not None
    assert refused.cause.en
    assert refused.cause.ko


LIMITS = [
    ("orderId", 64),
    ("goodsName", 40),
    ("returnUrl", 500),
    ("mallReserved", 500),
    ("mallUserId", 20),
    ("buyerName", 30),
    ("buyerTel", 40),
    ("buyerEmail", 60),
    ("logoImgUrl", 100),
    ("vbankHolder", 40),
    ("directReceiptNo", 20),
    ("appScheme", 200),
]


@pytest.mark.parametrize(("name", "limit"), LIMITS)
def test_limits_are_bytes_of_utf_8(name: str, limit: int) -> None:
    """A Hangul syllable counts three; exactly the limit is taken."""
    text = "가" * (limit // 3) + "a" * (limit % 3)

    assert text == read(order(**{name: text}))[name]
    too_long = refusal(**{name: text + "a"})
    assert ("P009", name, limit) == (too_long.code, too_long.values[0], too_long.values[2])
    assert too_long.cause is not None
    assert f"{limit + 1} bytes" in too_long.cause.en


# What is read from what was sent.
TAKEN: list[tuple[dict[str, Any], str, Any]] = [
    ({"amount": "1004"}, "amount", 1004),
    ({"amount": 10.5}, "amount", 10),
    ({"amount": "10.50"}, "amount", 10),
    ({"amount": "000000000000001"}, "amount", 1),
    ({"amount": 10**12 - 1}, "amount", 10**12 - 1),
    ({"orderId": 20230228}, "orderId", "20230228"),
    ({"goodsName": '나무 "책" | ¦ 1'}, "goodsName", "나무 -책- - - 1"),
    ({"mallReserved": "{'a':1}"}, "mallReserved", "{'a':1}"),
    ({"buyerTel": "010-1234-5678"}, "buyerTel", "010-1234-5678"),
    ({"useEscrow": "true"}, "useEscrow", True),
    ({"useEscrow": "false"}, "useEscrow", False),
    ({"useEscrow": False, "method": "payco"}, "useEscrow", False),
    ({"currency": "USD"}, "currency", "USD"),
    ({"returnCharSet": "EUC-KR"}, "returnCharSet", "euc-kr"),
    ({"taxFreeAmt": 1004}, "taxFreeAmt", 1004),
    ({"taxFreeAmt": 0}, "taxFreeAmt", 0),
    ({"cardQuota": "00"}, "cardQuota", (0,)),
    ({"cardQuota": "00,03,12", "amount": 50_000}, "cardQuota", (0, 3, 12)),
    ({"cardQuota": "03", "amount": 100, "currency": "USD"}, "cardQuota", (3,)),
    ({"cardQuota": "02", "amount": 50_000, "method": "payco"}, "cardQuota", (2,)),
    ({"cardCode": "04,06"}, "cardCode", ("04", "06")),
    ({"cardCode": "38", "method": "ssgpay"}, "cardCode", ("38",)),
    ({"cardShowOpt": "08:3|02:3"}, "cardShowOpt", "08:3|02:3"),
    ({"cardShowOpt": "CardShowOpt=08:3¦02:1"}, "cardShowOpt", "CardShowOpt=08:3¦02:1"),
    ({"method": "vbank", "vbankValidHours": "72"}, "vbankValidHours", 72),
    (
        {"method": "vbank", "vbankExpDate": "2026-01-31T09:00"},
        "vbankExpDate",
        moment("2026-01-31T09:00:00"),
    ),
    (
        {"method": "vbank", "vbankExpDate": "2026-01-31"},
        "vbankExpDate",
        moment("2026-01-31T23:59:00"),
    ),
    (
        {"method": "vbank", "vbankExpDate": "2026-01-31T00:00:00Z"},
        "vbankExpDate",
        moment("2026-01-31T09:00:00"),
    ),
    (
        {"method": "vbank", "vbankExpDate": "2026-01-31T09:00:00.000+0900"},
        "vbankExpDate",
        moment("2026-01-31T09:00:00"),
    ),
    (
        {"directReceiptType": "individual", "directReceiptNo": "01012345678"},
        "directReceiptNo",
        "01012345678",
    ),
    ({"directReceiptType": "unPublished"}, "directReceiptNo", None),
]


@pytest.mark.parametrize(("params", "name", "value"), TAKEN)
def test_what_is_read(params: dict[str, Any], name: str, value: Any) -> None:
    """Texts, numbers and lists as the gateway works with them."""
    assert value == read(order(**params))[name]


@pytest.mark.parametrize(
    "text",
    [
        "20260131",
        "202601311200",
        "2026-02-30",
        "2026-01-31T25:00",
        "2026-01-31T09:00:00+09:00",
        "2026-01-31T09:00:00",
        "2026-01-31 09:00",
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00.000+2300",
        "٢٠٢٦-01-31",
        "soon",
    ],
)
def test_other_forms_of_a_deadline_are_refused(text: str) -> None:
    """P024, whatever they are."""
    assert "P024" == refusal(method="vbank", vbankExpDate=text).code


def test_a_deadline_knows_its_time_zone() -> None:
    """Whatever the zone that was written, it is Korean time afterwards."""
    values = read(order(method="vbank", vbankExpDate="2026-01-31T00:00:00.000-0500"))

    assert timedelta(hours=9) == values["vbankExpDate"].utcoffset()
    assert 14 == values["vbankExpDate"].hour


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"clientId": None, "method": "x", "amount": 0}, "P001"),
        ({"method": "x", "amount": 0}, "P012"),
        ({"amount": 0, "goodsName": None}, "P017"),
        ({"useEscrow": "x", "cardQuota": "01"}, "P011"),
        # Each by itself before what does not fit together.
        ({"method": "payco", "useEscrow": True, "directReceiptType": "x"}, "P012"),
        ({"method": "payco", "useEscrow": True, "cardCode": "04,06"}, "P032"),
        ({"method": "kakaopay", "cardCode": "04,06", "cardQuota": "03"}, "P033"),
    ],
)
def test_the_first_that_fails_decides(params: dict[str, Any], code: str) -> None:
    """In the manual's order."""
    assert code == refusal(**params).code


STRANGE: list[Any] = [
    0,
    -1,
    1.5,
    float("inf"),
    10**30,
    True,
    [],
    ["04"],
    {},
    {"a": {"b": []}},
    "\ud800",
    "\x00",
    "😀" * 200,
    "%EA%B0%80",
    "' or 1=1 --",
    "../../etc/passwd",
    "a" * 10_000,
]


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_nothing_is_too_strange(name: str, value: Any) -> None:
    """It is read or refused with a code of the tables, never an error of ours."""
    told = ""
    try:
        read({**ORDER, name: value})
    except Refusal as refused:
        told = result_code(refused.code).message(*refused.values)

    assert len(told) < 400
