"""The page of cash receipts: what the tax office has said of each, and buttons that let it answer now."""

from typing import Any

from mock_nicepay.front import receipt_actions
from mock_nicepay.front.console.look import Go, Look, Nothing, Page

SIZE = 50  # receipts on a page


def receipts(look: Look) -> Page | Nothing:
    """The cash receipts, those of payments as well, newest first."""
    order, start = look.arguments.get("order", ""), look.whole("from")
    rows = [] if look.is_stranger else look.sandbox.receipts.rows(look.owner)
    found = [row for row in rows if order in str(row["orderId"])]
    start = start if start < len(found) else 0
    shown = found[start : start + SIZE]
    mark = look.mark_of(shown, len(found))
    if look.has_seen(mark):
        return Nothing()
    values: dict[str, Any] = {
        "seen": mark,
        "receipts": shown,
        "total": len(found),
        "start": start,
        "size": SIZE,
        "order": order,
    }
    return Page("receipts_part.html" if look.is_part else "receipts.html", values)


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
