"""The pages of payments: the list with its buttons, one payment, and the story of an order."""

from typing import Any

from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.front.console.listing import listed
from mock_nicepay.front.console.look import Go, Look, Nothing, Page, whole
from mock_nicepay.front.console.story import Step, story
from mock_nicepay.front.control import payments as payment_actions

_MANY = 20  # merchants that may share an orderId in one story


def payments(look: Look) -> Page | Nothing:
    """The payments, newest first, with what can be done to each."""
    order, status = look.arguments.get("order", ""), look.arguments.get("status", "")
    found = [
        payment
        for payment in look.sandbox.ledger.payments(look.owner)
        if order in payment.order_id and status in {"", payment.status} and not look.is_stranger
    ]
    return listed(look, "payments", "payments", found, order=order, status=status)


def payment(look: Look) -> Page:
    """One payment with everything that is known of it."""
    found = look.sandbox.ledger.payment(look.places["tid"])
    shown = look.sandbox.ledger.to_json(found)
    return Page("payment.html", {"payment": found, "shown": shown})


def order(look: Look) -> Page | Nothing:
    """The story of one order as a picture."""
    order_id = look.arguments.get("id", "")
    found = look.sandbox.ledger.payments(look.owner, order_id)
    owners = [look.merchant] if look.merchant else _owners(look, found, order_id)
    stories = [_story(look, owner, found, order_id) for owner in owners[:_MANY] if order_id]
    stories = [each for each in stories if each[2]]
    mark = look.mark_of(stories)
    if look.has_seen(mark):
        return Nothing()
    template = "order_part.html" if look.is_part else "order.html"
    return Page(template, {"order": order_id, "stories": stories, "seen": mark})


def _story(
    look: Look, owner: str, found: list[Payment], order_id: str
) -> tuple[Merchant | None, list[Payment], list[Step]]:
    """The order as one merchant knows it."""
    own = [payment for payment in found if payment.client_id == owner]
    steps = story(look.sandbox, own, owner, order_id)
    return look.sandbox.store.get(Merchant, owner), own, steps


def _owners(look: Look, found: list[Payment], order_id: str) -> list[str]:
    """Whose order it is: of those that have a payment by it, else of those that spoke of it."""
    owners = [each.client_id for each in found]
    if not owners:
        owners = [
            tenant.client_id
            for tenant in look.sandbox.tenants()
            if order_id and story(look.sandbox, [], tenant.client_id, order_id)
        ]
    return list(dict.fromkeys(owners))


def deposit(look: Look) -> Go:
    """The payer transfers."""
    body = {"amount": whole(given, "amount")} if (given := look.form.get("amount", "")) else {}
    paid = look.ask(payment_actions.deposit, body)
    return _done(look, f"{_of(paid)}: deposited", f"{_of(paid)}: 입금되었습니다")


def cancel(look: Look) -> Go:
    """Somebody cancels at NICEPAY's own pages."""
    body: dict[str, Any] = {"reason": look.form.get("reason", "")}
    if given := look.form.get("amount", ""):
        body["amount"] = whole(given, "amount")
    after = look.ask(payment_actions.cancel, body)
    return _done(
        look,
        f"{_of(after)}: cancelled, {after['balanceAmt']:,} left",
        f"{_of(after)}: 취소되었습니다. 잔액 {after['balanceAmt']:,}",
    )


def expire(look: Look) -> Go:
    """The time to transfer is over."""
    after = look.ask(payment_actions.expire)
    return _done(
        look,
        f"{_of(after)}: the deposit deadline has passed",
        f"{_of(after)}: 입금 기한이 지났습니다",
    )


def escrow(look: Look) -> Go:
    """The goods are on their way, accepted or refused."""
    after = look.ask(payment_actions.set_escrow, {"stage": look.form.get("stage", "")})
    stage = after["escrow"]["stage"]
    return _done(look, f"{_of(after)}: goods {stage}", f"{_of(after)}: 에스크로 {stage}")


def _done(look: Look, en: str, ko: str) -> Go:
    return Go(look.back("/payments"), look.say(en, ko))


def _of(shown: dict[str, Any]) -> str:
    return str(shown["orderId"])
