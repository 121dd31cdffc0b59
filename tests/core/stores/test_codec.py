"""Records as JSON and back: every type that records have, and what a later version may change."""

import json
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Any, ClassVar

import pytest

from mock_nicepay.contract.times import KST
from mock_nicepay.core.records import Bank, Card, Handover, Merchant, Record
from mock_nicepay.core.stores.codec import (
    from_plain,
    from_text,
    kinds_of_records,
    to_plain,
    to_text,
)
from mock_nicepay.core.stores.schema import PLACES

NOON = datetime(2023, 2, 28, 12, 30, 1, 657_000, KST)
CARD = Card("04", "삼성", None, 0, False, "credit", True, "04", "삼성")


@dataclass(frozen=True, slots=True)
class Everything(Record):
    """A kind of record that the project does not have, with a field of every type."""

    KEY: ClassVar[str] = "key"

    key: str
    client_id: str = "A"
    moment: datetime | None = None
    day: date | None = None
    span: timedelta = timedelta()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    pairs: tuple[tuple[str, int], ...] = ()
    three: tuple[str, int, datetime] | None = None
    card: Card | None = None
    paid_with: Card | Bank | None = None
    by_name: dict[str, timedelta] | None = None
    anything: Any = None
    number: int | float | str | bool = 0


VALUES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a Korean moment": {"moment": NOON},
    "another moment": {"moment": datetime(2023, 1, 1, tzinfo=UTC)},
    "a day": {"day": date(2023, 2, 28)},
    "a span": {"span": timedelta(days=400, microseconds=1)},
    "a span back": {"span": -timedelta(hours=2)},
    "networks": {"networks": (IPv4Network("10.0.0.0/8"), IPv6Network("::1/128"))},
    "pairs": {"pairs": (("a", 1), ("b", 2))},
    "a tuple of three": {"three": ("a", 1, NOON)},
    "a dataclass": {"card": CARD},
    "one dataclass of two": {"paid_with": Bank("004", "국민은행")},
    "the other one": {"paid_with": CARD},
    "a mapping": {"by_name": {"a": timedelta(seconds=1)}},
    "JSON": {"anything": {"a": [1, None, "x", True]}},
    "a true": {"number": True},
    "a text that looks like a number": {"number": "1"},
    "signs": {"client_id": 'A"\\\n\0\u2028 결제 😀 \ud800'},
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_what_is_written_is_read(values: dict[str, Any]) -> None:
    """Each value comes back as it was, with its type."""
    record = Everything("K", **values)
    back = from_text(Everything, to_text(record))
    assert record == back
    for row in fields(record):
        assert type(getattr(record, row.name)) is type(getattr(back, row.name)), row.name


def test_korean_time_is_the_one_object() -> None:
    """Writing a time compares its zone by identity, so the zone must not be a copy."""
    back = from_text(Everything, to_text(Everything("K", moment=NOON)))
    assert back.moment is not None
    assert KST is back.moment.tzinfo


def test_the_text_is_json_that_people_can_read() -> None:
    """Keys are the fields' names, Korean stays Korean."""
    text = to_text(Merchant("A", "secret", name="상점"))
    assert '"name":"상점"' in text
    assert "A" == json.loads(text)["client_id"]


def test_a_field_that_came_later_has_its_default() -> None:
    """A record of an older version is read."""
    plain = to_plain(Merchant("A", "secret"))
    del plain["edition"], plain["allow"]
    assert Merchant("A", "secret") == from_plain(Merchant, plain)


def test_a_field_that_has_gone_is_left_out() -> None:
    """A record of another version may have more."""
    assert Bank("004", "a") == from_plain(Bank, {"code": "004", "name": "a", "gone": 1})


def test_a_missing_field_without_a_default_is_no_record() -> None:
    """A missing field is an error."""
    with pytest.raises(KeyError, match="name"):
        from_plain(Bank, {"code": "004"})


def test_a_type_nobody_can_write_is_named() -> None:
    """The first record with such a field raises an error."""

    @dataclass(frozen=True, slots=True)
    class Odd:
        things: set[str]

    with pytest.raises(TypeError, match=r"a field of type set\[str\]"):
        to_plain(Odd({"a"}))


@pytest.mark.parametrize("kind", kinds_of_records().values(), ids=kinds_of_records())
def test_every_kind_of_record_can_be_written(kind: type[Record]) -> None:
    """Every declared kind, even a new one, can be converted, and has no more look-ups than columns."""
    with pytest.raises(AttributeError):
        to_plain(object.__new__(kind))
    assert len((*kind.LOOKUPS, *kind.TALLIED)) <= PLACES


def test_a_handover_keeps_its_pairs_as_tuples() -> None:
    """The nested tuples of a form are tuples again."""
    record = Handover("h", "A", "http://x", "utf-8", (("a", "b"),), ("1", "2", "3"))
    assert record == from_text(Handover, to_text(record))
