"""The story of one order: who sent what to whom and what became of the money, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.records import READY, Delivery, Payment
from mock_nicepay.core.webhooks.notices import DELIVERED, DROPPED, WAITING
from mock_nicepay.front.console.search import is_problem, order_of, tid_of
from mock_nicepay.front.templating import amount
from mock_nicepay.sandbox import Sandbox

# What makes each mark: parts of the names of calls, the likeliest first.
_MAKERS = {
    "payer agreed": ("window.",),
    "declined": (".approve", ".pay"),
    "account issued": (".approve", ".pay"),
    "money moved": (".approve", ".pay"),
    "cancelled": ("cancel",),
}
PAYER, SHOP, GATEWAY = 1, 2, 3  # the lanes, from left to right
_FIRST, _LAST = (0, 0), (2**63, 0)
_LOST = {"hang", "reset", "empty", "truncate"}  # answers that do not arrive whole


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow or one mark of the picture. Texts are (English, Korean)."""

    at: datetime
    start: int  # lane; of a mark both are the gateway's
    end: int
    title: str
    result: str = ""  # what was answered
    detail: str = ""
    words: tuple[str, str] | None = None  # in place of a title that is not a name
    tone: str = "fine"  # fine, bad, money, later
    lost: bool = False  # the answer did not arrive
    call: int = 0  # its number in the journal
    place: tuple[int, int] = _LAST  # among those of the same moment: the call it goes with

    @property
    def is_mark(self) -> bool:
        """Whether it stands in a lane instead of leading from one to another."""
        return self.start == self.end

    @property
    def back(self) -> bool:
        """Whether its arrow leads to the left."""
        return self.end < self.start


def story(sandbox: Sandbox, payments: list[Payment], merchant: str, order_id: str) -> list[Step]:
    """Everything that is known of an order of one merchant, the oldest first."""
    tids = {payment.tid for payment in payments}
    tids |= {cancel.tid for payment in payments for cancel in payment.cancels}
    entries = [
        entry for entry in reversed(sandbox.journal(merchant)) if _is_about(entry, order_id, tids)
    ]
    steps = [step for entry in entries for step in _call_steps(entry)]
    for payment in payments:
        steps += (_beside(mark, entries) for mark in _marks(payment))
    for delivery in sandbox.webhooks.deliveries(merchant):
        if delivery.order_id == order_id or delivery.tid in tids:
            steps += _delivery_steps(delivery)
    return sorted(steps, key=lambda step: (step.at, step.place))


def _beside(mark: Step, entries: list[Entry]) -> Step:
    """A mark with its place right after the call that made it, when the journal still has that."""
    assert mark.words is not None
    makers = _MAKERS.get(mark.words[0], ())
    for part in makers:
        for entry in entries:
            if entry.at == mark.at and part in entry.call:
                return replace(mark, place=(entry.id, 1))
    return replace(mark, place=_FIRST) if mark.tone == "fine" else mark


def _is_about(entry: Entry, order_id: str, tids: set[str]) -> bool:
    if entry.call == "webhook.deliver":
        return False  # told by the deliveries, which know what is still to come
    if order_of(entry) == order_id or tid_of(entry) in tids:
        return True
    return any(tid in entry.path for tid in tids)


def _call_steps(entry: Entry) -> Iterator[Step]:
    result = entry.code or str(entry.status)
    tone, place = "bad" if is_problem(entry) else "fine", (entry.id, 0)
    if entry.method == "TIMELINE":
        yield Step(
            entry.at, GATEWAY, GATEWAY, entry.rule, result, tone=tone, call=entry.id, place=place
        )
        return
    is_window = entry.call.startswith("window.")
    yield Step(
        entry.at,
        PAYER if is_window else SHOP,
        GATEWAY,
        entry.call or f"{entry.method} {entry.path[:60]}",
        result,
        entry.message,
        tone=tone,
        lost=entry.fate in _LOST,
        call=entry.id,
        place=place,
    )
    if is_window and isinstance(entry.answer, dict) and entry.path.startswith("http"):
        words = ("form to returnUrl", "returnUrl로 결과 전송")
        after = (entry.id, 2)
        yield Step(entry.at, PAYER, SHOP, "", result, entry.path[:120], words, tone, place=after)


def _marks(payment: Payment) -> Iterator[Step]:
    """What became of the money, whoever heard of it."""

    def mark(at: datetime | None, en: str, ko: str, detail: str = "", tone: str = "money") -> Step:
        when = at or payment.authorised_at
        assert when is not None
        return Step(when, GATEWAY, GATEWAY, "", "", detail, (en, ko), tone)

    whole = amount(payment.amount, payment.currency)
    if payment.authorised_at:
        yield mark(payment.authorised_at, "payer agreed", "구매자 인증", whole, "fine")
    if payment.failed_at:
        yield mark(payment.failed_at, "declined", "승인 거절", whole, "bad")
    if payment.account and payment.status == READY and payment.paid_at:
        yield mark(
            payment.paid_at, "account issued", "가상계좌 발급", payment.account.number, "fine"
        )
    if payment.deposited_at:
        yield mark(payment.deposited_at, "deposited", "입금", f"+{whole}")
    elif payment.paid_at and not payment.account:
        yield mark(payment.paid_at, "money moved", "결제 완료", f"+{whole}")
    for cancel in payment.cancels:
        back = f"-{amount(cancel.amount, payment.currency)}"
        yield mark(cancel.at, "cancelled", "취소", f"{back} {cancel.reason}"[:120])


def _delivery_steps(delivery: Delivery) -> Iterator[Step]:
    name, url = f"webhook {delivery.event}", delivery.url[:120]
    for number, tried in enumerate(delivery.tries, 1):
        again = f" #{number}" if len(delivery.tries) > 1 else ""
        result = "OK" if not tried.failure else str(tried.status or "✕")
        told = tried.failure or url
        tone = "bad" if tried.failure else "fine"
        yield Step(
            tried.at,
            GATEWAY,
            SHOP,
            f"{name}{again}",
            result,
            told,
            tone=tone,
            lost=tried.status is None,
        )
    if delivery.state == WAITING and delivery.due:
        yield Step(delivery.due, GATEWAY, SHOP, name, "…", url, tone="later")
    elif delivery.state == DROPPED:
        yield Step(delivery.made_at, GATEWAY, SHOP, name, "✕", delivery.note, tone="bad", lost=True)
    elif delivery.state not in {DELIVERED, WAITING} and not delivery.tries:
        yield Step(delivery.made_at, GATEWAY, SHOP, name, "✕", url, tone="bad", lost=True)
