"""The page of hosted checkout: the sessions with what each has come to, and a button that ends one."""

from typing import Any

from mock_nicepay.front import checkout_actions
from mock_nicepay.front.asked import Asked
from mock_nicepay.front.console.look import Go, Look, Nothing, Page

SIZE = 50  # sessions on a page


def sessions(look: Look) -> Page | Nothing:
    """The sessions, newest first, at their merchants' present moment."""
    order, start = look.arguments.get("order", ""), look.whole("from")
    found = [
        session
        for session in look.sandbox.checkout.sessions(look.owner)
        if order in session.order_id and not look.is_stranger
    ]
    start = start if start < len(found) else 0
    shown = [
        checkout_actions.session_json(look.sandbox, session)
        for session in found[start : start + SIZE]
    ]
    mark = look.mark_of(shown, len(found))
    if look.has_seen(mark):
        return Nothing()
    values: dict[str, Any] = {
        "seen": mark,
        "sessions": shown,
        "total": len(found),
        "start": start,
        "size": SIZE,
        "order": order,
    }
    return Page("checkout_part.html" if look.is_part else "checkout.html", values)


def expire(look: Look) -> Go:
    """End a session before its time. Its id comes as a field: it may have a slash in it."""
    places = {"sessionId": look.form.get("session", "")}
    ended = checkout_actions.expire_session(look.sandbox, Asked(look.merchant, {}, b"", places))
    order = ended["orderId"]
    return Go(
        look.back("/checkout"),
        look.say(f"{order}: its page cannot be paid on any more", f"{order}: 만료되었습니다"),
    )
