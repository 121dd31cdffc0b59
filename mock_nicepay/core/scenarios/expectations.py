"""Checks a scenario's expectations against what one merchant did while it played.

Pure: a ledger in, a judgement out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from mock_nicepay.core.scenarios.language import Condition, Expectation
from mock_nicepay.core.scenarios.matching import MISSING, find, reason, text_form
from mock_nicepay.core.scenarios.tree import show

_SELECTORS = ("orderId", "tid")
_MONEY_MOVED = ("paid", "partialCancelled")
_LISTED = 10  # more are only counted
_RENEWAL = timedelta(days=1)  # a renewal charged again within this time is a double charge


@dataclass(frozen=True, slots=True)
class LedgerCall:
    """One call and how it was answered."""

    name: str
    at: datetime
    code: str  # the result code; empty when there was none


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one merchant did since the scenario began, and the present states of its records."""

    started: datetime
    calls: Sequence[LedgerCall] = ()
    finals: Sequence[
        Mapping[str, Any]
    ] = ()  # a mapping for each payment and cash receipt, and for the token


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an expectation was met."""

    ok: bool
    text: str  # the expectation as written
    detail: str = ""  # what was seen instead; empty when it was met


def judge(expectation: Expectation, ledger: Ledger) -> Judgement:
    """Check one expectation against the ledger."""
    detail = _JUDGES[expectation.kind](expectation, ledger)
    return Judgement(not detail, expectation.text, detail)


def _called(expectation: Expectation, ledger: Ledger) -> str:
    named = _named(expectation, ledger)
    late = [call for call in named if _too_late(call, expectation, ledger)]
    intime = [call for call in named if not _too_late(call, expectation, ledger)]
    counted = [call for call in intime if _answered(call, expectation.answered)]
    if expectation.times.holds(len(counted)) if expectation.times else counted:
        return ""
    if not named:
        return f"never called; {_all_calls(ledger)}"
    wanted = expectation.times.text if expectation.times else "at least 1"
    left_out = (
        [f"{len(late)} later than {_span(expectation.within)} ({_times(late)})"]
        if late and expectation.within
        else []
    )
    if len(counted) < len(intime):
        others = [call for call in intime if not _answered(call, expectation.answered)]
        left_out.append(f"{len(others)} answered {_codes(others)}")
    seen = f"called {_often(len(counted))}, expected {wanted}"
    seen += f" ({_times(counted)})" if counted else ""
    return seen + (f"; not counted: {', '.join(left_out)}" if left_out else "")


def _never(expectation: Expectation, ledger: Ledger) -> str:
    if expectation.never:
        return _NEVERS[expectation.never](ledger)
    calls = [call for call in _named(expectation, ledger) if _answered(call, expectation.answered)]
    if not calls:
        return ""
    names = f"{_tally(call.name for call in calls)} " if len(expectation.calls) > 1 else ""
    codes = f", answered {_codes(calls)}" if expectation.answered else ""
    return f"{names}called {_often(len(calls))} ({_times(calls)}){codes}"


def _double_charge(ledger: Ledger) -> str:
    """Orders and renewals that were charged more than once; a renewal under any orderId."""
    charged: dict[str, list[Mapping[str, Any]]] = {}
    for record in ledger.finals:
        if record.get("orderId") is not None and record.get("status") in _MONEY_MOVED:
            charged.setdefault(text_form(record["orderId"]), []).append(record)
    twice = [
        f"order {show(order)} was charged {_often(len(records))}: "
        + ", ".join(f"{record.get('tid', '?')} {record['status']}" for record in records[:_LISTED])
        for order, records in charged.items()
        if len(records) > 1
    ]
    return _listed([*twice, *_renewed_twice(ledger)], "; ")


def _renewed_twice(ledger: Ledger) -> list[str]:
    """Billing keys charged twice within a day for the same goods and the same amount."""
    renewals: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for record in ledger.finals:
        if record.get("bid") is not None and record.get("status") in _MONEY_MOVED:
            what = (record["bid"], record["goodsName"], record["amount"])
            renewals.setdefault(what, []).append(record)
    found = []
    for (bid, goods, amount), records in renewals.items():
        records.sort(key=lambda record: record["paidAt"])
        for first, second in pairwise(records):
            again = second["orderId"] != first["orderId"]
            if again and second["paidAt"] - first["paidAt"] < _RENEWAL:
                found.append(
                    f"{show(bid)} was charged {amount} for {show(goods)} twice within a day: orders "
                    f"{show(first['orderId'])} and {show(second['orderId'])}"
                )
    return found


def _order(expectation: Expectation, ledger: Ledger) -> str:
    calls = iter(ledger.calls)
    before = ""
    for name in expectation.calls:
        if not any(call.name == name for call in calls):
            if all(call.name != name for call in ledger.calls):
                return f"{name} was never called; {_all_calls(ledger)}"
            return f"no {name} after {before}; the order was: {_sequence(ledger)}"
        before = name
    return ""


def _final(expectation: Expectation, ledger: Ledger) -> str:
    complete = [
        record
        for record in ledger.finals
        if all(_has(record, *field) for field in expectation.fields)
    ]
    if not complete:
        names = " and ".join(name for name, _ in expectation.fields)
        return f"nothing has {names}; {_all_finals(ledger)}"
    chosen = [record for record in complete if not _wrong(record, expectation, selectors=True)]
    if not chosen:
        wanted = ", ".join(
            f"{name}: {test.text}" for name, test in expectation.fields if name in _SELECTORS
        )
        return f"nothing has {wanted}; {_all_finals(ledger)}"
    wrong = [(record, _wrong(record, expectation, selectors=False)) for record in chosen]
    return _listed([f"{_title(record)}{' and '.join(why)}" for record, why in wrong if why], "; ")


def _has(record: Mapping[str, Any], name: str, test: Condition) -> bool:
    return test.text == MISSING or find(record, name) is not None


def _wrong(record: Mapping[str, Any], expectation: Expectation, *, selectors: bool) -> list[str]:
    """Why conditions do not hold: those that select the record, or the others."""
    found = []
    for name, test in expectation.fields:
        value = find(record, name)
        if (name in _SELECTORS) is selectors and not test.holds(value):
            found.append(reason(name, value, test, hide=name != "token"))
    return found


_NEVERS: Mapping[str, Callable[[Ledger], str]] = {"double_charge": _double_charge}
_JUDGES: Mapping[str, Callable[[Expectation, Ledger], str]] = {
    "called": _called,
    "never": _never,
    "order": _order,
    "final": _final,
}


def _named(expectation: Expectation, ledger: Ledger) -> list[LedgerCall]:
    return [call for call in ledger.calls if call.name in expectation.calls]


def _too_late(call: LedgerCall, expectation: Expectation, ledger: Ledger) -> bool:
    return expectation.within is not None and call.at - ledger.started > expectation.within


def _answered(call: LedgerCall, wanted: Condition | None) -> bool:
    return wanted is None or wanted.holds(call.code or None)


def _often(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _times(calls: Sequence[LedgerCall]) -> str:
    """`at 12:00:01, 12:00:04`; with the date when they are of more than one day."""
    days = {call.at.date() for call in calls}
    form = "%H:%M:%S" if len(days) == 1 else "%Y-%m-%d %H:%M:%S"
    return f"at {_listed([call.at.strftime(form) for call in calls])}"


def _codes(calls: Sequence[LedgerCall]) -> str:
    return _tally(call.code or "nothing" for call in calls)


def _tally(names: Iterable[str]) -> str:
    return _listed([f"{name} x{count}" for name, count in Counter(names).items()])


def _listed(parts: Sequence[str], between: str = ", ") -> str:
    more = f"{between}and {len(parts) - _LISTED} more" if len(parts) > _LISTED else ""
    return between.join(parts[:_LISTED]) + more


def _all_calls(ledger: Ledger) -> str:
    if not ledger.calls:
        return "there was no call at all"
    return f"calls were: {_tally(call.name for call in ledger.calls)}"


def _sequence(ledger: Ledger) -> str:
    runs = [(name, len(list(run))) for name, run in groupby(call.name for call in ledger.calls)]
    return _listed([f"{name} x{count}" if count > 1 else name for name, count in runs])


def _all_finals(ledger: Ledger) -> str:
    """The records that exist, for a message that none has the expected state."""
    if not ledger.finals:
        return "there is no payment and no token"
    return f"there is: {_listed([_summary(record) for record in ledger.finals], '; ')}"


def _summary(record: Mapping[str, Any]) -> str:
    return show(", ".join(f"{name} {text_form(value)}" for name, value in record.items()), 120)


def _title(record: Mapping[str, Any]) -> str:
    """`order A1: `, or nothing for a record without an order."""
    return next(
        (f"{name} {show(text_form(record[name]))}: " for name in _SELECTORS if name in record), ""
    )


def _span(span: timedelta | None) -> str:
    """A span of time as scenarios write it: `1h30m`."""
    rest = round(span.total_seconds() * 1000) if span is not None else 0
    written = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        written += f"{count}{unit}" if count else ""
    return written or "0s"
