"""The pages of calls: the live list with its search, and one call with everything known of it."""

from typing import Any

from mock_nicepay.contract.calls import CALL_NAMES
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.console.look import Look, Nothing, Page
from mock_nicepay.front.console.pretty import curl
from mock_nicepay.front.console.search import Wish, find, order_for, tid_of


def calls(look: Look) -> Page | Nothing:
    """The calls, newest first; as a part of a page only when there are new ones."""
    latest = look.sandbox.latest_call(look.merchant)
    if look.has_seen(str(latest)):
        return Nothing()
    wish, before = Wish.of(look.arguments), _number(look.arguments.get("before", ""))
    values = {
        "wish": wish,
        "found": find(look.sandbox, look.merchant, wish, before),
        "latest": latest,
        "before": before,
        "kept": look.sandbox.calls_kept(look.merchant),
        "names": CALL_NAMES,
        "wished": _wished(look),
    }
    return Page("calls_part.html" if look.is_part else "calls.html", values)


def call(look: Look) -> Page:
    """One call: request and answer, why, which rule, how it travelled, and how to make it again."""
    entry = _entry(look)
    merchant = look.sandbox.keys.one(entry.key_id or entry.client_id) if entry.client_id else None
    return Page(
        "call.html",
        {
            "entry": entry,
            "order": order_for(look.sandbox.store, entry),
            "tid": tid_of(entry),
            "owner": merchant,
            "curl": curl(entry, look.base, merchant),
            "listed": look.url("/calls"),
        },
    )


def _entry(look: Look) -> Entry:
    number = _number(look.places["id"])
    for tenant in look.sandbox.tenants():
        for entry in tenant.journal.entries():
            if entry.id == number:
                return entry
    raise Misuse(
        look.say(
            f"There is no call {look.places['id'][:20]} in the journal: it keeps the latest "
            f"{look.sandbox.settings.journal_size} of each merchant, and a reset empties it",
            f"기록에 {look.places['id'][:20]}번 호출이 없습니다. 상점마다 최근 "
            f"{look.sandbox.settings.journal_size}건을 보관하며 초기화하면 비워집니다",
        ),
        404,
    )


def _wished(look: Look) -> dict[str, Any]:
    """The search as the arguments of an address, without the page it is at."""
    known = ("q", "order", "code", "call", "only")
    return {name: look.arguments[name] for name in known if look.arguments.get(name)}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
