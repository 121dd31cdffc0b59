"""What card companies offer their customers: points, and installments without interest."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.times import KST
from mock_nicepay.contract.window.rules import LEAST_FOR_INSTALLMENTS, MOST_MONTHS
from mock_nicepay.core.call import Context
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Offers, Plan
from mock_nicepay.core.seed_files import texts_in

# Documented (card.plan-most): where a plan has no upper end (K25 sample).
_MOST = 99_999_999_999_999
_KEYS = ("card", "months", "from", "to", "until", "useAuth")
_MONTHS = re.compile(r"[0-9]{2}(:[0-9]{2})*", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,14}", re.ASCII)
_LAST_MOMENT = time(23, 59, 59, tzinfo=KST)

# Documented (sandbox.offers): the sandbox answers fixed dummy data, whatever is asked (E26).
# Assumed (sandbox.offers-values): with the lists that the pages print as examples.
SANDBOX_OFFERS = Offers(
    points=("01", "02", "04", "07"),
    plans=(Plan("04", (2, 3, 4, 5), LEAST_FOR_INSTALLMENTS, _MOST, date(2099, 12, 31)),),
)


def offers_of(context: Context) -> Offers:
    """What is offered: in NICEPAY's sandbox always the same."""
    if context.settings.sandbox_limits:
        return SANDBOX_OFFERS
    return context.store.get(Offers, "offers") or Offers((), ())


def plans_for(context: Context, *, auth: bool, amount: int | None = None) -> dict[str, list[Plan]]:
    """The plans in force by the code of their card; with an amount those that are for it.

    `auth` says whether the payer authenticates in the window. In the sandbox no amount matters.
    """
    now = context.now.astimezone(KST)
    found: dict[str, list[Plan]] = {}
    for plan in offers_of(context).plans:
        if _is_in_force(plan, now, auth=auth) and _fits(context, plan, amount):
            found.setdefault(plan.card, []).append(plan)
    return found


def costs_no_interest(context: Context, card: str, months: int, amount: int) -> bool:
    """Whether a card's plan covers a payer's choice in the window; amounts in won."""
    plans = plans_for(context, auth=True, amount=amount).get(card, [])
    return any(months in plan.months for plan in plans)


def ends_at(plan: Plan, now: datetime) -> datetime:
    """The last second of a plan.

    Assumed (card.plan-end): the end of its last day; of a plan without one that of the month it is.
    """
    return datetime.combine(plan.until or _last_of_month(now.astimezone(KST).date()), _LAST_MOMENT)


def offers_in(path: Path) -> Offers:
    """The offers of a file. Raises `Misuse` naming file and entry."""
    data = texts_in(path, "a file of card offers")
    if not isinstance(data, Mapping) or set(data) - {"points", "plans"}:
        raise Misuse(f"{path}: expected the keys `points` and `plans`, as in fixtures/plans.yaml")
    points, plans = data.get("points", []), data.get("plans", [])
    if not isinstance(points, list) or not isinstance(plans, list):
        raise Misuse(f"{path}: `points` and `plans` are lists, as in fixtures/plans.yaml")
    return Offers(
        points=tuple(_card(code, f"{path}, points: ") for code in points),
        plans=tuple(_plan(row, f"{path}, plan {n}: ") for n, row in enumerate(plans, 1)),
    )


def months_text(plans: Sequence[Plan]) -> str:
    """All months of these plans, as answers list them: 02:03:04."""
    return ":".join(f"{each:02d}" for each in sorted({m for plan in plans for m in plan.months}))


def _is_in_force(plan: Plan, now: datetime, *, auth: bool) -> bool:
    return (plan.until is None or now.date() <= plan.until) and plan.auth in (None, auth)


def _fits(context: Context, plan: Plan, amount: int | None) -> bool:
    if amount is None or context.settings.sandbox_limits:
        return True
    return plan.least <= amount <= plan.most


def _last_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _plan(row: Any, where: str) -> Plan:
    if not isinstance(row, Mapping) or set(row) - set(_KEYS) or not {"card", "months"} <= set(row):
        raise Misuse(f"{where}a plan has `card` and `months`, and may have {', '.join(_KEYS[2:])}")
    least = _amount(row, "from", LEAST_FOR_INSTALLMENTS, where)
    if least < LEAST_FOR_INSTALLMENTS:
        raise Misuse(f"{where}from is {least}; installments begin at {LEAST_FOR_INSTALLMENTS} won")
    most = _amount(row, "to", _MOST, where)
    if most < least:
        raise Misuse(
            f"{where}to is {most}, which is below from, {least}: no amount is between them"
        )
    return Plan(
        card=_card(row["card"], where),
        months=_months(row["months"], where),
        least=least,
        most=most,
        until=_day(row.get("until"), where),
        auth=_flag(row.get("useAuth"), where),
    )


def _card(code: Any, where: str) -> str:
    if not isinstance(code, str) or code not in cards():
        raise Misuse(f"{where}{str(code)[:40]!r} is not a card code; write one such as 02")
    return code


def _months(text: Any, where: str) -> tuple[int, ...]:
    months = str(text).split(":") if _MONTHS.fullmatch(str(text)) else []
    if not months or not all(2 <= int(each) <= MOST_MONTHS for each in months):
        raise Misuse(
            f"{where}months is {str(text)[:40]!r}; write two digits each, 02 to {MOST_MONTHS}, "
            "such as 02:03:06"
        )
    return tuple(map(int, months))


def _amount(row: Mapping[str, Any], key: str, usual: int, where: str) -> int:
    text = str(row.get(key, usual))
    if not _AMOUNT.fullmatch(text):
        raise Misuse(f"{where}{key} is {text[:40]!r}; expected an amount in won, such as 50000")
    return int(text)


def _day(text: Any, where: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Misuse(f"{where}until is {str(text)[:40]!r}; write it as 2026-12-31") from None


def _flag(text: Any, where: str) -> bool | None:
    if text not in (None, "true", "false"):
        raise Misuse(f"{where}useAuth is {str(text)[:40]!r}; expected true or false")
    return None if text is None else bool(text == "true")
