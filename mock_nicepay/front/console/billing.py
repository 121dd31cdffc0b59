"""The page of billing keys: what was registered, what it has been charged, and what can be done to it."""

from typing import Any

from mock_nicepay.front import billing_actions
from mock_nicepay.front.console.look import Go, Look, Nothing, Page

SIZE = 50  # keys on a page


def keys(look: Look) -> Page | Nothing:
    """The billing keys, newest first."""
    start = look.whole("from")
    found = [] if look.is_stranger else look.sandbox.billing.registered(look.owner)
    start = start if start < len(found) else 0
    shown = [look.sandbox.billing.to_json(key) for key in found[start : start + SIZE]]
    mark = look.mark_of(shown, len(found))
    if look.has_seen(mark):
        return Nothing()
    values: dict[str, Any] = {
        "seen": mark,
        "keys": shown,
        "total": len(found),
        "start": start,
        "size": SIZE,
    }
    return Page("billing_part.html" if look.is_part else "billing.html", values)


def expire(look: Look) -> Go:
    """Delete a key."""
    key = look.ask(billing_actions.expire_key)
    return _done(look, f"{key['bid']}: deleted", f"{key['bid']}: 삭제되었습니다")


def suspend(look: Look) -> Go:
    """The card company suspends a key."""
    key = look.ask(billing_actions.suspend_key)
    return _done(look, f"{key['bid']}: suspended", f"{key['bid']}: 사용이 중지되었습니다")


def resume(look: Look) -> Go:
    """It lets the key be charged again."""
    key = look.ask(billing_actions.resume_key)
    return _done(
        look,
        f"{key['bid']}: can be charged again",
        f"{key['bid']}: 다시 사용할 수 있습니다",
    )


def _done(look: Look, en: str, ko: str) -> Go:
    return Go(look.back("/billing-keys"), look.say(en, ko))
