"""Coupons: what they pay of an amount, how answers show it, and what goes back into them."""

from typing import Any

import pytest
from till import Till

from mock_nicepay.contract.methods import WALLET_MONEY
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.records import Payment, ReceiptWish


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def with_coupon(till: Till, **wish: Any) -> Payment:
    """1,004 won, of which a coupon pays 500."""
    return till.pay(payer=Payer(coupon=500), **wish)


def test_what_it_paid_is_part_of_the_amount(till: Till) -> None:
    """Amount, balance and signature are those of the whole; the approval and a look-up tell it."""
    paid = till.authorise(payer=Payer(coupon=500))
    for answer in (till.approve(paid), till.get(paid.tid)):
        assert ({"couponAmt": 500}, 1004, 1004) == tuple(
            answer[key] for key in ("coupon", "amount", "balanceAmt")
        )


@pytest.mark.parametrize(
    ("expected", "amounts"),
    [
        ([(1004, 500)], [None]),
        ([(504, 0), (500, 500)], [504, None]),
        ([(4, 0), (600, 100), (400, 400)], [4, 600, 400]),
    ],
)
def test_the_payers_own_money_goes_back_first(
    expected: list[tuple[int, int]], amounts: list[int | None], till: Till
) -> None:
    """The coupon last; all of both when all is cancelled."""
    paid = with_coupon(till)
    for amount in amounts:
        answer = till.cancel(paid, **({} if amount is None else {"cancelAmt": amount}))

    assert ("0000", "cancelled", 0) == tuple(
        answer[key] for key in ("resultCode", "status", "balanceAmt")
    )
    assert expected == [(row["amount"], row["couponAmt"]) for row in answer["cancels"]]
    assert {"couponAmt": 500} == answer["coupon"]


def test_a_net_cancel_gives_it_back(till: Till) -> None:
    """With the rest."""
    paid = with_coupon(till, order_id="A")

    assert [500] == [row["couponAmt"] for row in till.net_cancel("A")["cancels"]]
    assert [500] == [each.coupon for each in till.stored(paid).cancels]


def test_a_declined_payment_has_none(till: Till) -> None:
    """Nothing of it was used."""
    authorised = till.authorise(payer=Payer(coupon=500), order_id="mock:3011")
    declined = till.approve(authorised)

    assert ("3011", None) == (declined["resultCode"], declined["coupon"])


def test_the_control_plane_tells_it(till: Till) -> None:
    """Of the payment and of each cancel."""
    paid = with_coupon(till)
    till.cancel(paid)
    shown = till.control("GET", f"/payments/{paid.tid}")[1]

    assert (500, [500]) == (shown["coupon"], [each["coupon"] for each in shown["cancels"]])


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("cards and wallets in won take one", {"method": "bank"}),
        ("cards and wallets in won take one", {"method": "vbank"}),
        ("cards and wallets in won take one", {"currency": "USD"}),
        ("expected at most 499, the amount", {"amount": 499}),
    ],
)
def test_where_nobody_can_use_one(said: str, wish: dict[str, Any], till: Till) -> None:
    """A mistake of the test's, which leaves nothing."""
    with pytest.raises(Misuse, match=said):
        till.authorise(payer=Payer(coupon=500), **wish)
    assert "Payment" not in till.records()


def test_the_sandbox_of_nicepay_has_none() -> None:
    """Its one card pays everything, as all recordings of it have it."""
    assert 0 == with_coupon(Till(sandbox_limits="yes")).coupon


@pytest.mark.parametrize(("expected", "coupon"), [("500", 500), ("", 0)])
def test_the_form_of_client_approval_tells_it(expected: str, coupon: int) -> None:
    """In couponAmt, which is empty without one."""
    till = Till(merchant={"window": "client"})
    wanted = {
        "clientId": till.merchant.client_id,
        "method": "card",
        "orderId": "A",
        "amount": 1004,
        "goodsName": "책",
        "returnUrl": "http://localhost:3000/return",
        "payer": {"coupon": coupon},
        "post": False,
    }

    assert expected == till.control("POST", "/window/pay", wanted)[1]["form"]["couponAmt"]


class TestPoints:
    """Naver Pay points: money of a wallet for which there are cash receipts."""

    @pytest.mark.parametrize(
        ("expected", "code"), [(["issueRequested"], WALLET_MONEY["naverpay"]), ([], "04")]
    )
    def test_their_receipt_is_asked_for(self, expected: list[str], code: str, till: Till) -> None:
        """Not that of a card in the same wallet."""
        method = "naverpayPoint" if expected else "naverpayCard"
        paid = till.pay(
            method=method,
            payer=Payer(card_code=code),
            receipt=ReceiptWish("individual", "01012345678"),
        )
        answer = till.get(paid.tid)

        assert expected == [row["status"] for row in answer["cashReceipts"] or ()]
        assert bool(expected) == answer["issuedCashReceipt"]

    def test_a_cancel_takes_it_back(self, till: Till) -> None:
        """As that of a deposit."""
        paid = till.pay(method="naverpayPoint", receipt=ReceiptWish("individual", "01012345678"))
        rows = till.cancel(paid, cancelAmt=4)["cashReceipts"]

        assert [(1004, "issueRequested"), (4, "cancelRequested")] == [
            (row["amount"], row["status"]) for row in rows
        ]
