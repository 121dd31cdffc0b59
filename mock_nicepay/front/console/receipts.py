"""The page of cash receipts: what the tax office has said of each, and buttons that let it answer now."""

from mock_nicepay.front.console.listing import listed
from mock_nicepay.front.console.look import Go, Look, Nothing, Page
from mock_nicepay.front.control import receipts as receipt_actions


def receipts(look: Look) -> Page | Nothing:
    """The cash receipts, those of payments as well, newest first."""
    order = look.arguments.get("order", "")
    rows = [] if look.is_stranger else look.sandbox.receipts.rows(look.owner)
    found = [row for row in rows if order in str(row["orderId"])]
    return listed(look, "receipts", "receipts", found, order=order)


def confirm(look: Look) -> Go:
    """The tax office agrees now."""
    order = look.ask(receipt_actions.confirm)["orderId"]
    return Go(
        look.back("/receipts"),
        look.say(f"{order}: the tax office agreed", f"{order}: 국세청이 승인했습니다"),
    )


def reject(look: Look) -> Go:
    """It says no."""
    order = look.ask(receipt_actions.reject)["orderId"]
    return Go(
        look.back("/receipts"),
        look.say(f"{order}: the tax office said no", f"{order}: 국세청이 거절했습니다"),
    )
