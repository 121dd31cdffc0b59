"""The page of webhooks: addresses, events with each try, sending again and trying an address."""

from typing import Any

from mock_nicepay.core.webhooks.addresses import WORDS
from mock_nicepay.front.console.look import Go, Look, Nothing, Page
from mock_nicepay.front.control import webhooks as webhook_actions

SIZE = 50  # events on the page
_ADDRESSES = 100  # that are listed


def webhooks(look: Look) -> Page | Nothing:
    """The addresses, and the events with their tries, newest first."""
    order = look.arguments.get("order", "")
    shown: dict[str, Any] = {"urls": [], "deliveries": [], "total": 0}
    if not look.is_stranger:
        wanted = {"limit": str(SIZE), **({"orderId": order} if order else {})}
        shown = look.ask(webhook_actions.list_webhooks, None, wanted)
    mark = look.mark_of(shown)
    if look.has_seen(mark):
        return Nothing()
    values = {
        "seen": mark,
        "urls": shown["urls"][:_ADDRESSES],
        "registered": len(shown["urls"]),
        "deliveries": shown["deliveries"],
        "total": shown["total"],
        "order": order,
        "methods": WORDS,
    }
    return Page("webhooks_part.html" if look.is_part else "webhooks.html", values)


def register(look: Look) -> Go:
    """Have events go to an address."""
    body = {"method": look.form.get("method", "all"), "url": look.form.get("url", "").strip()}
    look.ask(webhook_actions.put_webhook, body)
    return Go(
        look.url("/webhooks"),
        look.say(f"events go to {body['url']}", f"이벤트를 {body['url']}(으)로 보냅니다"),
    )


def forget(look: Look) -> Go:
    """Have them go nowhere."""
    look.ask(webhook_actions.delete_webhooks, None, {"method": look.form.get("method", "all")})
    return Go(look.url("/webhooks"), look.say("the address was removed", "주소를 삭제했습니다"))


def test(look: Look) -> Go:
    """Send a sample event, and wait for what comes of it."""
    sent = look.ask(webhook_actions.try_webhook, {"method": look.form.get("method", "all")})
    tries = [delivery["tries"][-1] for delivery in sent["deliveries"] if delivery["tries"]]
    return _told(look, look.url("/webhooks"), tries)


def resend(look: Look) -> Go:
    """Send an event once more, and wait for what comes of it."""
    sent = look.ask(webhook_actions.resend_webhook)
    return _told(look, look.back("/webhooks"), sent["tries"][-1:])


def _told(look: Look, to: str, tries: list[dict[str, Any]]) -> Go:
    failed = next((each["failure"] for each in tries if each["failure"]), None)
    if failed:
        return Go(to, look.say(f"it was not accepted: {failed}", f"수신 실패: {failed}"), "error")
    return Go(to, look.say("it was accepted", "정상 수신되었습니다"))
