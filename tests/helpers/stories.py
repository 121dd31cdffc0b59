"""The events in the town of the two shops, for each scenario in which a careless shop loses money.

A new library file about payments needs a row here; others need a dialogue in `test_scenario_library`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from town import Town

NIGHT = 12 * 60  # minutes
DAY = 24 * 60

Act = Callable[[Town], None]


@dataclass(frozen=True, slots=True)
class Story:
    """The events in town, and the expectations that the careless shop then breaks."""

    acts: tuple[Act, ...]
    breaks: tuple[str, ...]
    webhook: bool = False  # whether the shop has registered one


def buy(town: Town) -> None:
    """A customer pays by card."""
    town.buy()


def order_by_account(town: Town) -> None:
    """A customer chooses to pay by virtual account."""
    town.buy("vbank")


def buy_by_transfer(town: Town) -> None:
    """A customer pays by bank transfer."""
    town.buy("bank")


def sell_for_cash(town: Town) -> None:
    """A customer pays cash and asks for a receipt."""
    town.sell_for_cash()


def ask_for_receipt(town: Town) -> None:
    """The customer comes back for a receipt."""
    town.shop.receipt(town.last)


def deposit(town: Town) -> None:
    """The customer transfers the money to the virtual account."""
    town.deposit()


def refund(town: Town) -> None:
    """The customer asks for a full refund."""
    town.shop.refund(town.last)


def refund_part(amount: int) -> Act:
    """The customer asks for a partial refund."""
    return lambda town: town.shop.refund(town.last, amount)


def complain(town: Town) -> None:
    """The customer complains, because the shop's page shows no refund."""
    if town.last.state != "cancelled":
        town.shop.refund(town.last)


def claim_second(town: Town) -> None:
    """The customer claims to have paid twice and asks for a refund of the second payment."""
    town.shop.paid_twice(town.last)


def wait(minutes: int) -> Act:
    """Time passes."""
    return lambda town: town.wait(minutes)


def make_the_round(town: Town) -> None:
    """The shop runs its nightly job."""
    town.shop.round()


LOOKED_UP = "called: [payments.get, payments.find], answered: 0000"
NO_CANCEL = "never: [payments.cancel, payments.netcancel]"
NO_FAILURE = "never: webhook.deliver, answered: failed"
NO_SECOND_CANCEL = "never: payments.cancel, answered: [2013, 2015]"
TWICE_OK = "called: webhook.deliver, times: >= 2, answered: OK"
ONCE_OK = "called: webhook.deliver, answered: OK"

STORIES = {
    "approval-lost-then-net-cancel": Story(
        (buy,),
        ("called: payments.netcancel, times: 1, within: 1h", "final: {orderId: *, status: cancelled}"),
    ),
    "approval-lost-then-looked-up": Story((buy,), (LOOKED_UP,)),
    "approval-still-processing": Story(
        (buy, wait(11), make_the_round),
        ("called: [payments.get, payments.find, payments.netcancel], answered: 0000",),
    ),
    "approval-duplicate-race": Story((buy,), ("final: {orderId: *, status: paid}", NO_CANCEL)),
    "card-declined": Story((buy,) * 29, (NO_CANCEL,)),
    "key-type-mismatch": Story((buy,), (NO_CANCEL,)),
    "amount-changed-on-the-way": Story((buy,), ("never: payments.approve",)),
    "callback-signature-forged": Story((buy,), ("never: payments.approve",)),
    "webhook-duplicate": Story((buy,), (TWICE_OK, NO_FAILURE), webhook=True),
    "webhook-duplicate-after-ok": Story((buy, wait(2)), (TWICE_OK, NO_FAILURE), webhook=True),
    "webhook-late": Story(
        (order_by_account, deposit, wait(120), make_the_round, wait(120)),
        (LOOKED_UP, NO_CANCEL),
        webhook=True,
    ),
    "webhook-never": Story(
        (order_by_account, deposit, wait(NIGHT), make_the_round), (LOOKED_UP, NO_CANCEL), webhook=True
    ),
    "webhook-out-of-order": Story((buy, refund, complain, wait(10)), (NO_SECOND_CANCEL,), webhook=True),
    "webhook-before-callback": Story((buy,), (ONCE_OK, NO_FAILURE), webhook=True),
    "webhook-forged": Story((buy, wait(10)), ("never: webhook.deliver, answered: OK",), webhook=True),
    "webhook-reordered-keys": Story((buy,), (ONCE_OK, NO_FAILURE), webhook=True),
    "webhook-other-key": Story((order_by_account, deposit), (ONCE_OK, NO_FAILURE), webhook=True),
    "deposit-twice": Story((order_by_account, wait(30), claim_second), (NO_CANCEL,)),
    "deposit-late": Story(
        (order_by_account, wait(NIGHT), make_the_round, wait(7 * DAY), make_the_round),
        ("final: {orderId: *, status: paid}", NO_CANCEL),
    ),
    "deposit-after-expiry": Story(
        (order_by_account, wait(8 * DAY), make_the_round), (LOOKED_UP, NO_CANCEL)
    ),
    "partial-refunds-to-zero": Story(
        (buy, *(refund_part(amount) for amount in (300, 300, 404, 100))),
        ("never: payments.cancel, answered: [U112, U123, 2013, 2015]",),
    ),
    "cancel-lost-then-resent": Story(
        (buy, refund_part(300)), ("never: payments.cancel, answered: 0000",)
    ),
    "already-cancelled": Story((buy, wait(11), refund), ("called: payments.cancel, times: <= 1",)),
    "refund-window-over": Story((buy, refund), ("called: payments.cancel, times: <= 1",)),
    "receipt-lost-then-resent": Story(
        (sell_for_cash,),
        ("called: receipt.issue, answered: U112", "never: receipt.issue, answered: 0000"),
    ),
    "receipt-rejected-later": Story(
        (sell_for_cash, wait(5 * DAY), make_the_round),
        (
            "called: receipt.get, answered: 0000",
            "called: receipt.issue, times: >= 2, answered: 0000",
        ),
    ),
    "receipt-left-behind": Story(
        (buy_by_transfer, ask_for_receipt, refund),
        (
            "called: receipt.cancel, times: 1, answered: 0000",
            "final: {orderId: *, receipt: issueReqCancelled}",
        ),
    ),
    "nightly-auto-cancel": Story((buy, wait(NIGHT), refund), (LOOKED_UP, NO_SECOND_CANCEL)),
}  # fmt: skip
