"""Plots for the ready-made scenarios of typed-in cards: a good shop's calls, and careless shops'."""

from collections.abc import Callable
from dataclasses import dataclass

from typed import Keypad

from mock_nicepay.contract.endpoint import Request

Act = Callable[[Keypad], object]


@dataclass(frozen=True, slots=True)
class Plot:
    """The calls of a good shop, and of careless shops, which together break each expectation."""

    good: tuple[Act, ...]
    careless: tuple[tuple[Act, ...], ...]


def key_in(number: int = 1) -> Act:
    """The shop keys the card in, under the orderId of that number."""
    return lambda shop: shop.key_in(orderId=f"typed-{number}")


def look(shop: Keypad) -> object:
    """The shop looks up the first order; the answer may be an HTML page."""
    request = Request("GET", "/v1/payments/find/typed-1", headers=shop.till.login)
    return shop.till.sandbox.handle(request)


def net_cancel(shop: Keypad) -> object:
    """The shop sends a net cancel for the first order."""
    return shop.till.net_cancel("typed-1")


TYPED_CARDS = {
    "key-in-lost-then-net-cancel": Plot(
        good=(key_in(), look, net_cancel),
        careless=((key_in(), look, key_in(2)),),
    ),
    "key-in-own-failure": Plot(
        good=(key_in(), key_in()),
        careless=((key_in(),), (key_in(), net_cancel, key_in(2))),
    ),
}
