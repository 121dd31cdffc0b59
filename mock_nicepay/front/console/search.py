"""Finds calls in the journal: newest first, a page at a time, and no farther than the page needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.records import Payment
from mock_nicepay.core.store import Store
from mock_nicepay.sandbox import Sandbox

SIZE = 50  # calls on a page
PROBLEMS, RULED = "problems", "ruled"
_FINE = {"", SUCCESS, "OK"}
_ORDER_KEYS = ("orderId", "ordNo", "moid")


@dataclass(frozen=True, slots=True)
class Wish:
    """What calls are wanted; an empty text means all."""

    text: str = ""
    order: str = ""
    code: str = ""
    call: str = ""
    only: str = ""  # problems, or ruled: met a rule

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Wish":
        """As a page's address says it."""
        names = {"text": "q", "order": "order", "code": "code", "call": "call", "only": "only"}
        return cls(**{name: arguments.get(word, "") for name, word in names.items()})

    def wants(self, entry: Entry, store: Store) -> bool:
        """Whether that call is one of them. What is quick to see is looked at first."""
        return (
            (not self.call or entry.call == self.call)
            and (not self.code or self.code.casefold() in entry.code.casefold())
            and (self.only != PROBLEMS or is_problem(entry))
            and (self.only != RULED or bool(entry.scenario))
            and (not self.order or self.order in order_for(store, entry))
            and (not self.text or self.text.casefold() in _text_of(entry))
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A page of calls, and the number to go on before; None: that was all."""

    entries: list[Entry]
    before: int | None


def find(sandbox: Sandbox, merchant: str, wish: Wish, before: int | None = None) -> Found:
    """The newest calls that are wanted, of those before the call of that number."""
    some = islice(_wanted(sandbox, merchant, wish, before), SIZE + 1)
    entries = list(some)
    more = len(entries) > SIZE
    return Found(entries[:SIZE], entries[SIZE - 1].id if more else None)


def _wanted(sandbox: Sandbox, merchant: str, wish: Wish, before: int | None) -> Iterator[Entry]:
    return (
        entry
        for entry in sandbox.journal(merchant)
        if (before is None or entry.id < before) and wish.wants(entry, sandbox.store)
    )


def is_problem(entry: Entry) -> bool:
    """Whether somebody was told no, or not told at all."""
    return entry.status >= 400 or entry.code not in _FINE or entry.fate not in {"ok", "code"}


def order_of(entry: Entry) -> str:
    """The orderId a call was about, as it or its answer says; empty when neither does."""
    for said in (entry.body, entry.answer):
        if isinstance(said, dict):
            for key in _ORDER_KEYS:
                if isinstance(said.get(key), str) and said[key]:
                    return str(said[key])
    _, found, order = entry.path.partition("/payments/find/")
    return order.strip("/") if found else ""


def order_for(store: Store, entry: Entry) -> str:
    """The orderId of the payment a call was about: a cancel, for one, brings another one along."""
    tid = entry.path.partition("/payments/")[2].partition("/")[0]
    for key in (tid, tid_of(entry)):
        payment = store.get(Payment, key) if key else None
        if payment is not None and payment.client_id == entry.client_id:
            return payment.order_id
    return order_of(entry)


def tid_of(entry: Entry) -> str:
    """The tid a call was about, as its answer or it says; empty when neither does."""
    for said in (entry.answer, entry.body):
        if isinstance(said, dict) and isinstance(said.get("tid"), str):
            return str(said["tid"])
    return ""


def _text_of(entry: Entry) -> str:
    """Everything of a call that people may look for, in one text."""
    cause: Any = (entry.cause.en, entry.cause.ko) if entry.cause else ()
    parts = (
        *(entry.method, entry.path, entry.query, entry.call, entry.code, entry.message),
        *(entry.client_id, entry.rule, entry.scenario, entry.fate, *cause),
        *(str(entry.body), str(entry.answer), str(entry.headers)),
    )
    return "\n".join(parts).casefold()
