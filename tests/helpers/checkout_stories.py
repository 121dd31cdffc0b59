"""Plots for the ready-made scenarios of hosted checkout: a good shop's calls, and careless shops'."""

from collections.abc import Callable
from dataclasses import dataclass

from counter import Counter

Act = Callable[[Counter], object]


@dataclass(frozen=True, slots=True)
class Plot:
    """The calls of a good shop, and of careless shops, which together break each expectation."""

    good: tuple[Act, ...]
    careless: tuple[tuple[Act, ...], ...]


def create(number: int = 1) -> Act:
    """The shop creates a session."""
    return lambda shop: shop.create(sessionId=f"s-{number}", orderId=f"o-{number}")


def pay(number: int = 1) -> Act:
    """The payer pays on its page."""
    return lambda shop: shop.sandbox.checkout.pay(shop.session(f"s-{number}"))


def look(shop: Counter) -> object:
    """The shop looks the payment up."""
    return shop.payment("s-1")


def cancel(shop: Counter) -> object:
    """The shop cancels."""
    return shop.cancel_by_session("s-1")


def wait(shop: Counter) -> None:
    """Eleven minutes pass."""
    shop.advance(minutes=11)


PLOTS = {
    "checkout-callback-lost": Plot(
        good=(create(), pay(), look),
        careless=((create(), pay(), cancel), (create(), pay(), create(2), pay(2))),
    ),
    "checkout-approval-late": Plot(
        good=(create(), pay(), look, wait, look),
        careless=((create(), pay(), look), (create(), pay(), create(2), pay(2))),
    ),
    "checkout-own-failure": Plot(
        good=(create(), pay(), create(2), pay(2)),
        careless=((create(), pay(), create(1)), (create(), pay(), cancel)),
    ),
}
