"""Plots for the ready-made scenarios of recurring payments: a good shop's calls, and careless shops'."""

from collections.abc import Callable
from dataclasses import dataclass

from subscriber import Subscriber

Act = Callable[[Subscriber], object]


@dataclass(frozen=True, slots=True)
class Plot:
    """The calls of a good shop, and of careless shops, which together break each expectation."""

    good: tuple[Act, ...]
    careless: tuple[tuple[Act, ...], ...]


def regist(shop: Subscriber) -> object:
    """The customer registers a card."""
    return shop.regist()


def renew(number: int = 1) -> Act:
    """The shop charges for the month of that number."""
    return lambda shop: shop.charge(orderId=f"month-{number}", goodsName="3월 구독")


def charge_nothing(shop: Subscriber) -> object:
    """The shop charges without a real bid, because it never received one."""
    return shop.charge("undefined")


def look(shop: Subscriber) -> object:
    """The shop looks up the first month's payment."""
    return shop.sandbox.handle(shop.request("GET", "/v1/payments/find/month-1"))


def net_cancel(shop: Subscriber) -> object:
    """The shop sends a net cancel for the first month."""
    return shop.net_cancel("month-1")


def wait(minutes: int) -> Act:
    """Time passes."""
    return lambda shop: shop.advance(minutes=minutes)


HOUR, DAY = 60, 24 * 60

RENEWALS = {
    "renewal-declined": Plot(
        good=(regist, renew(1), wait(HOUR), renew(2)),
        careless=(
            (regist, renew(1)),
            (regist, *(renew(number) for number in (1, 2, 3, 4))),
        ),
    ),
    "renewal-lost-then-looked-up": Plot(
        good=(regist, renew(1), look),
        careless=((regist, renew(1), renew(2)),),
    ),
    "renewal-lost-then-net-cancel": Plot(
        good=(regist, renew(1), look, net_cancel, wait(HOUR), renew(2)),
        careless=((regist, renew(1), look, renew(2)),),
    ),
    "renewal-late": Plot(
        good=(regist, renew(1), look, wait(10), look),
        careless=((regist, renew(1), look, renew(2), wait(10)),),
    ),
    "renewal-own-failure": Plot(
        good=(regist, renew(1), renew(1)),
        careless=((regist, renew(1)), (regist, renew(1), renew(2), renew(3))),
    ),
    "renewal-card-expired": Plot(
        good=(regist, renew(1), regist, renew(2)),
        careless=((regist, renew(1), wait(DAY), renew(2), wait(DAY), renew(3)),),
    ),
    "billing-key-deleted": Plot(
        good=(regist, wait(DAY), renew(1), regist, renew(1)),
        careless=((regist, wait(DAY), renew(1), renew(1)),),
    ),
    "billing-key-suspended": Plot(
        good=(regist, wait(DAY), renew(1), regist, renew(2)),
        careless=((regist, wait(DAY), *(renew(number) for number in (1, 2, 3))),),
    ),
    "card-already-registered": Plot(
        good=(regist, regist, renew(1)),
        careless=((regist, charge_nothing),),
    ),
}
