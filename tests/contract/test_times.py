"""How moments, spans and clock settings are written and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mock_nicepay.contract.times import (
    KST,
    ClockSetting,
    epoch,
    from_epoch,
    iso,
    parse_clock,
    parse_duration,
    parse_moment,
    whole_second,
)

EARLY = datetime(2023, 2, 28, 12, 53, 17, 657_999, KST)


@pytest.mark.parametrize(
    ("expected", "moment"),
    [
        ("2023-02-28T12:53:17.657+0900", EARLY),
        ("2023-02-28T12:53:17.657+0900", EARLY.astimezone(UTC)),
        ("2023-02-28T12:53:17.657+0900", EARLY.astimezone(timezone(timedelta(hours=9)))),
        ("2023-02-28T12:53:17.657+0900", EARLY.astimezone(timezone(timedelta(hours=-8)))),
        ("2024-01-01T00:00:00.000+0900", datetime(2023, 12, 31, 15, tzinfo=UTC)),
        ("2023-01-01T00:00:00.001+0900", datetime(2023, 1, 1, 0, 0, 0, 1_000, KST)),
    ],
)
def test_a_moment_goes_out_in_korean_time(expected: str, moment: datetime) -> None:
    """Three digits of milliseconds, cut and not rounded, and an offset without a colon."""
    assert expected == iso(moment)


def test_paid_at_has_whole_seconds() -> None:
    """The milliseconds of an event are zero."""
    assert "2023-02-28T12:53:17.000+0900" == whole_second(EARLY)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(seconds=2), "2s"),
        (timedelta(minutes=31), " 31m "),
        (timedelta(hours=1, minutes=30), "1h30m"),
        (timedelta(hours=1, minutes=30), "1h 30m"),
        (timedelta(days=7), "7d"),
        (timedelta(seconds=1.5), "1.5s"),
        (timedelta(), "0s"),
        (timedelta(days=36500), "36500d"),
    ],
)
def test_a_duration_is_read(expected: timedelta, text: str) -> None:
    """Numbers with units, alone or one after another."""
    assert expected == parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5",
        "s",
        "-5s",
        "+5s",
        "1w",
        "1H",
        "5 s x",
        "1.s",
        ".5s",
        "36500d1ms",
        f"{'9' * 400}d",
    ],
)
def test_what_is_no_duration_is_explained(text: str) -> None:
    """The message repeats the text and shows the forms that would be right."""
    with pytest.raises(ValueError, match="is not a duration: write it as 500ms, 2s, 31m") as wrong:
        parse_duration(text)
    assert str(wrong.value).startswith(repr(text[:100]))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("2026-01-31T09:00:00.000+0900", "2026-01-31T09:00:00+0900"),
        ("2026-01-31T09:00:00.000+0900", " 2026-01-31T09:00:00+09:00 "),
        ("2026-01-31T09:00:00.000+0900", "2026-01-31T09:00:00"),
        ("2026-01-31T09:00:00.000+0900", "2026-01-31T00:00:00Z"),
        ("2026-01-31T09:00:00.123+0900", "2026-01-31 09:00:00.123"),
        ("2026-01-31T00:00:00.000+0900", "2026-01-31"),
    ],
)
def test_a_time_is_read(expected: str, text: str) -> None:
    """A time without an offset is Korean, and any other is turned into Korean time."""
    assert expected == iso(parse_moment(text))


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-13-01", "31.1.2026", "1643587200", "0001-01-01T00:00:00+23:59", "\ud800"],
)
def test_what_is_no_time_is_explained(text: str) -> None:
    """The message repeats the text and shows a time that would be right."""
    with pytest.raises(ValueError, match=r"is not a time: write it as 2026-01-31T09:00:00\+0900"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (ClockSetting(), "real"),
        (ClockSetting(), " real "),
        (ClockSetting("moved", timedelta(hours=2)), "+2h"),
        (ClockSetting("moved", timedelta(minutes=-90)), "-1h30m"),
        (
            ClockSetting("frozen", moment=datetime(2026, 1, 31, 9, tzinfo=KST)),
            "2026-01-31T09:00:00+0900",
        ),
    ],
)
def test_a_clock_setting_is_read(expected: ClockSetting, text: str) -> None:
    """Real, ahead or behind by a span, or standing still at a time."""
    assert expected == parse_clock(text)


@pytest.mark.parametrize("text", ["", "Real", "frozen", "+", "-", "+2", "2h", "yesterday"])
def test_what_is_no_clock_setting_is_explained(text: str) -> None:
    """The message names all three forms."""
    with pytest.raises(ValueError, match="is not a clock setting: write `real`, a time such as"):
        parse_clock(text)


@pytest.mark.parametrize("microsecond", [0, 1_000, 657_000, 657_499, 657_600, 999_999])
def test_a_claim_keeps_the_milliseconds_of_its_moment(microsecond: int) -> None:
    """Written into a claim and read again, a moment looks the same on the wire."""
    moment = EARLY.replace(microsecond=microsecond)
    assert iso(moment) == iso(from_epoch(epoch(moment)))
