"""Times on the wire and in files: how a moment, a span and a clock setting are written and read.

Pure: nothing here reads the time of day.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

KST = timezone(timedelta(hours=9), "KST")

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_LONGEST = timedelta(days=36500)

# A clock stays between these, so that every time reckoned from it exists.
EARLIEST = datetime(1970, 1, 1, tzinfo=KST)
END_OF_TIME = datetime(3000, 1, 1, tzinfo=KST)


def iso(moment: datetime) -> str:
    """`2023-02-28T13:23:17.655+0900`: Korean time, three digits of milliseconds, no colon.

    Recorded (time.form): every date of every recorded answer.
    """
    korean = moment if moment.tzinfo is KST else moment.astimezone(KST)
    return f"{korean.isoformat(timespec='milliseconds')[:-6]}+0900"


def whole_second(moment: datetime) -> str:
    """`2023-03-24T16:46:42.000+0900`: paidAt, failedAt and cancelledAt know no milliseconds.

    Recorded (time.whole-seconds): every paidAt and cancelledAt of the recorded answers.
    """
    return iso(moment.replace(microsecond=0))


def day_of(moment: datetime) -> str:
    """The day in Korea, as `20230228`."""
    korean = moment if moment.tzinfo is KST else moment.astimezone(KST)
    return korean.date().isoformat().replace("-", "")


def parse_duration(text: str) -> timedelta:
    """`500ms`, `2s`, `31m`, `1h30m`, `7d` as a span of time.

    Raises `ValueError` with the forms that would be right.
    """
    rest, total = text.strip(), timedelta()
    while rest:
        part = _DURATION.match(rest)
        if part is None:
            break
        try:
            total += timedelta(seconds=float(part[1]) * _UNITS[part[2]])
        except OverflowError:
            total = _LONGEST + timedelta(days=1)
        rest = rest[part.end() :]
    if rest or not text.strip() or total > _LONGEST:
        raise ValueError(
            f"{text[:100]!r} is not a duration: write it as 500ms, 2s, 31m, 1h, 7d or 1h30m (at most 36500d)"
        )
    return total


def parse_moment(text: str) -> datetime:
    """An ISO 8601 time from 1970 to 2999; without an offset it is Korean time.

    Raises `ValueError` with an example of what would be right.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=KST)).astimezone(KST)
        if not EARLIEST <= moment < END_OF_TIME:
            raise ValueError
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text[:100]!r} is not a time: write it as 2026-01-31T09:00:00+0900, from 1970 to 2999"
        ) from None
    return moment


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How a clock is set: `real`, moved by an offset, or frozen at a moment."""

    mode: str = "real"  # real, moved, frozen
    offset: timedelta = timedelta()  # with moved
    moment: datetime | None = None  # with frozen

    def moved_on(self, span: timedelta) -> "ClockSetting":
        """The setting that is so much later."""
        if self.moment is not None:
            return replace(self, moment=self.moment + span)
        offset = self.offset + span
        return ClockSetting("moved" if offset else "real", offset)


def parse_clock(text: str) -> ClockSetting:
    """`real`, a time to stand still at, or `+2h` / `-2h` to run ahead of or behind real time.

    Raises `ValueError` with the forms that would be right.
    """
    word = text.strip()
    try:
        if word == "real":
            return ClockSetting()
        if word[:1] in {"+", "-"}:
            offset = parse_duration(word[1:])
            return ClockSetting("moved", offset if word[0] == "+" else -offset)
        return ClockSetting("frozen", moment=parse_moment(word))
    except ValueError:
        raise ValueError(
            f"{text[:100]!r} is not a clock setting: write `real`, a time such as 2026-01-31T09:00:00+0900, "
            "or an offset such as +2h or -30m"
        ) from None


def epoch(moment: datetime) -> float:
    """Seconds since 1970 with three decimals, cut as on the wire, as JWT claims count time."""
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return round(whole.timestamp(), 3)


def from_epoch(seconds: float) -> datetime:
    """The moment of a JWT time claim."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(KST)
