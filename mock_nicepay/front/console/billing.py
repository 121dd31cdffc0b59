"""The page of billing keys: what was registered, what it has been charged, and what can be done to it."""

from mock_nicepay.front.console.listing import listed
from mock_nicepay.front.console.look import Go, Look, Nothing, Page
from mock_nicepay.front.control import billing as billing_actions


def keys(look: Look) -> Page | Nothing:
    """The billing keys, newest first."""
    found = [] if look.is_stranger else look.sandbox.billing.registered(look.owner)
    return listed(look, "billing", "keys", found, look.sandbox.billing.to_json)


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
