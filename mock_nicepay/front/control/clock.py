"""The control plane's actions on the clock of one merchant, or of all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mock_nicepay.contract.times import ClockSetting, iso, parse_clock, parse_duration
from mock_nicepay.core.clock import Clock
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox

_SPANS = ("days", "hours", "minutes", "seconds", "milliseconds")
_LONGEST = timedelta(days=36500)


def get_clock(sandbox: Sandbox, asked: Asked) -> Any:
    """Show the time of a merchant; without one, the time with which a new merchant begins."""
    if asked.merchant:
        return _clock_json(sandbox.tenants(asked.merchant)[0].clock)
    return _clock_json(Clock(sandbox.default_clock()))


def put_clock(sandbox: Sandbox, asked: Asked) -> Any:
    """Set the time: real, frozen at a given time, or an offset such as +2h."""
    sandbox.set_clock(_clock_setting(asked), asked.merchant)
    return get_clock(sandbox, asked)


def advance_clock(sandbox: Sandbox, asked: Asked) -> Any:
    """Move the time forward; everything that falls due on the way happens now, in order."""
    try:
        sandbox.advance(_span(asked.object()), asked.merchant)
    except OverflowError as error:
        raise Misuse(str(error)) from None
    return get_clock(sandbox, asked)


def _clock_json(clock: Clock) -> dict[str, Any]:
    return {
        "now": iso(clock.now()),
        "mode": clock.mode,
        "offsetSeconds": round(clock.offset.total_seconds(), 3),
        "pending": [{"at": iso(due), "do": label} for due, label in clock.pending()],
    }


def _clock_setting(asked: Asked) -> ClockSetting:
    value = asked.json()
    try:
        if isinstance(value, str):
            return parse_clock(value)
        body = asked.object()
        known = ("clock", "now", "at", "offset", "mode")
        word = next((body[key] for key in known if body.get(key)), None)
        if word is None or set(body) - set(known):
            raise ValueError(
                'say {"clock": "real"}, {"clock": "2026-01-31T09:00:00+0900"} or {"clock": "+2h"}'
            )
        return parse_clock(str(word))
    except (ValueError, OverflowError) as error:
        raise Misuse(str(error)) from None


def _span(body: Mapping[str, Any]) -> timedelta:
    if set(body) == {"by"}:
        try:
            return parse_duration(str(body["by"]))
        except ValueError as error:
            raise Misuse(str(error)) from None
    unknown = [key for key in body if key not in _SPANS]
    if unknown or not body:
        raise Misuse(f'say how far, such as {{"minutes": 31}}; the words are {", ".join(_SPANS)}')
    for key, value in body.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
            raise Misuse(f"{key} is {str(value)[:40]!r}; expected a number of 0 or more")
    try:
        span = timedelta(**body)
    except OverflowError:
        span = _LONGEST + timedelta(days=1)
    if span > _LONGEST:
        raise Misuse("that is more than 36500 days")
    return span
