"""The pages of the clock and of the reset."""

from mock_nicepay.contract.times import iso
from mock_nicepay.front.console.look import Go, Look, Page
from mock_nicepay.front.control import gateway
from mock_nicepay.front.control.clock import advance_clock, put_clock


def clock(look: Look) -> Page:
    """A merchant's time, what is still to happen in it, and buttons to move it."""
    return Page("clock.html", {"shown": _shown(look)})


def advance(look: Look) -> Go:
    """Move the time; everything that falls due happens, and receivers are waited for."""
    by = look.form.get("by", "").strip()
    after = look.ask(advance_clock, {"by": by})
    return _said(look, after["now"], f"+{by}")


def put(look: Look) -> Go:
    """Set the time."""
    setting = look.form.get("clock", "").strip()
    after = look.ask(put_clock, {"clock": setting})
    return _said(look, after["now"], setting)


def reset(look: Look) -> Page:
    """Ask whether to forget."""
    payments = look.sandbox.ledger.payments(look.owner)
    calls = look.sandbox.calls_kept(look.merchant)
    return Page("reset.html", {"payments": len(payments), "calls": calls})


def forget(look: Look) -> Go:
    """Forget what a merchant did, or what all did."""
    look.ask(gateway.reset)
    return Go(look.url("/calls"), look.say("everything was reset", "초기화했습니다"))


def _shown(look: Look) -> dict[str, object]:
    clock, tenants = look.clock, look.sandbox.tenants(look.merchant)
    pending = sorted(
        (due, label, tenant.client_id)
        for tenant in tenants
        for due, label in tenant.clock.pending()
    )
    now = clock.now()
    return {"now": now, "iso": iso(now), "mode": clock.mode, "offset": clock.offset, "due": pending}


def _said(look: Look, now: str, how: str) -> Go:
    return Go(
        look.back("/clock"), look.say(f"{how}: it is {now}", f"{how}: 현재 시각은 {now}입니다")
    )
