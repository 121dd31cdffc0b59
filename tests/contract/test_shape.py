"""Shapes of answers: key order, nesting, nulls, and the published records that keep to them."""

from typing import Any

import pytest

from mock_nicepay.contract.bodies import LONG_TOKEN, REFUSAL, TOKEN
from mock_nicepay.contract.fields import Flag, Integer, Text
from mock_nicepay.contract.shape import Shape

SHAPE = Shape(
    {
        "code": Text(4),
        "amount": Integer(5),
        "late": Text(3),
        "card": Shape({"name": Text(6), "free": Flag()}, nullable=True),
        "coupon": Shape({"amt": Integer(2)}),
        "plans": Shape({"amt": Integer(2)}, many=True),
    },
    optional=frozenset({"late"}),
)
GOOD: dict[str, Any] = {
    "code": "0000",
    "amount": 1004,
    "late": "no",
    "card": {"name": "삼성", "free": False},
    "coupon": {"amt": 1},
    "plans": [{"amt": 1}],
}


def without(key: str) -> dict[str, Any]:
    """The good body without one key."""
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ([], GOOD),
        ([], without("late")),
        ([], {**GOOD, "card": None}),
        (["coupon is null"], {**GOOD, "coupon": None}),
        (["amount has more than 5 digits"], {**GOOD, "amount": 123456}),
        (["card.name takes 9 bytes of 6"], {**GOOD, "card": {"name": "삼성카", "free": True}}),
        (
            ["card. has the keys free, name; expected name, free"],
            {**GOOD, "card": {"free": True, "name": "BC"}},
        ),
        ([], {**GOOD, "plans": []}),
        ([], {**GOOD, "plans": [{"amt": 1}, {"amt": 2}]}),
        (["plans[1].amt is null"], {**GOOD, "plans": [{"amt": 1}, {"amt": None}]}),
        (["plans is not a list"], {**GOOD, "plans": {"amt": 1}}),
        (["coupon is a list"], {**GOOD, "coupon": [{"amt": 1}]}),
        (
            ["code takes 5 bytes of 4", "card.free is str, not true or false"],
            {**GOOD, "code": "00000", "card": {"name": "", "free": "no"}},
        ),
    ],
)
def test_each_break_of_the_shape_is_told(expected: list[str], body: dict[str, Any]) -> None:
    """Every wrong value is named by its place, and a good body passes."""
    assert expected == SHAPE.complaints(body)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (
            f"body has the keys code, late, card, coupon, plans; expected {', '.join(GOOD)}",
            without("amount"),
        ),
        (
            f"body has the keys {', '.join(GOOD)}, extra; expected {', '.join(GOOD)}",
            {**GOOD, "extra": 1},
        ),
        (
            f"body has the keys amount, code, late, card, coupon, plans; expected {', '.join(GOOD)}",
            {"amount": 1, **GOOD},
        ),
    ],
)
def test_keys_come_in_the_recorded_order(expected: str, body: dict[str, Any]) -> None:
    """A missing key, a key too many and two keys changed about are each one complaint."""
    assert [expected] == SHAPE.complaints(body)


@pytest.mark.parametrize(
    ("expected", "shape", "body"),
    [
        (
            [],
            TOKEN,
            {
                "resultCode": "0000",
                "resultMsg": "정상 처리되었습니다.",
                "accessToken": "dc51c8b13620519b8503bef6ee18f11370e8b349",
                "tokenType": "Bearer",
                "expireAt": "2023-02-28T13:23:17.655+0900",
                "now": "2023-02-28T12:53:17.657+0900",
            },
        ),
        (
            [],
            LONG_TOKEN,
            {
                "resultCode": "0000",
                "resultMsg": "정상 처리되었습니다.",
                "accessToken": "6d0a7caa1b7358c8aa06ef3706e01bb1feb2c65dacc7147b258dfdd6191b5279",
                "tokenType": "Bearer",
                "expireAt": "2021-07-31T00:58:02.000+0900",
                "now": "2021-07-20T15:28:26.882+0900",
            },
        ),
        (
            ["accessToken takes 64 bytes of 40"],
            TOKEN,
            {
                "resultCode": "0000",
                "resultMsg": "정상 처리되었습니다.",
                "accessToken": "6" * 64,
                "tokenType": "Bearer",
                "expiredAt": "2021-07-31T00:58:02.000+0900",
                "now": "2021-07-20T15:28:26.882+0900",
            },
        ),
        ([], REFUSAL, {"resultCode": "U104", "resultMsg": "사용자 인증에 실패하였습니다."}),
        (
            ["resultCode takes 5 bytes of 4"],
            REFUSAL,
            {"resultCode": "U1040", "resultMsg": "가" * 34},
        ),
    ],
)
def test_published_answers_keep_to_their_shape(
    expected: list[str], shape: Shape, body: dict[str, Any]
) -> None:
    """The recorded access tokens of 2023 and of 2021 fit, each its own length."""
    assert expected == shape.complaints(body)
