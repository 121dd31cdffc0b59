"""The page of hosted checkout: the sessions with what each has come to, and a button that ends one."""

from functools import partial

from mock_nicepay.front.console.listing import listed
from mock_nicepay.front.console.look import Go, Look, Nothing, Page
from mock_nicepay.front.control import checkout as checkout_actions
from mock_nicepay.front.control.asked import Asked


def sessions(look: Look) -> Page | Nothing:
    """The sessions, newest first, at their merchants' present moment."""
    order = look.arguments.get("order", "")
    found = [
        session
        for session in look.sandbox.checkout.sessions(look.owner)
        if order in session.order_id and not look.is_stranger
    ]
    show = partial(checkout_actions.session_json, look.sandbox)
    return listed(look, "checkout", "sessions", found, show, order=order)


def expire(look: Look) -> Go:
    """End a session before its time. Its id comes as a field: it may have a slash in it."""
    places = {"sessionId": look.form.get("session", "")}
    ended = checkout_actions.expire_session(look.sandbox, Asked(look.merchant, {}, b"", places))
    order = ended["orderId"]
    return Go(
        look.back("/checkout"),
        look.say(f"{order}: the session has expired", f"{order}: 만료되었습니다"),
    )
