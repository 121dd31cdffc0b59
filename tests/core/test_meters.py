"""The counts of several workers, added up."""

from typing import Any

import pytest

from mock_nicepay.core.board import Board
from mock_nicepay.core.meter import Meter
from mock_nicepay.core.meters import Meters


class Seen:
    """A journal entry, as far as a meter reads it."""

    def __init__(self, call: str, code: str) -> None:
        self.call, self.code, self.status, self.ms = call, code, 200, 1.0


def counting(board: Board, place: int, *seen: str) -> Meters:
    """A worker in that place, which has counted token calls with these codes."""
    meter = Meter()
    meters = Meters(meter, board, place, 2)
    for code in seen:
        entry: Any = Seen("token.issue", code)
        meter(entry)
    return meters


def counted(meters: Meters) -> dict[str, int]:
    """The number of calls of each code over all workers."""
    return {code: sum(taken.classes) for (_, code, _), taken in meters.total().calls.items()}


def test_the_total_is_that_of_all() -> None:
    """Up to now for the worker that answers, up to their last write for the others."""
    board = Board(2)
    one, other = counting(board, 0, "0000", "U104"), counting(board, 1, "0000")
    assert {"0000": 1, "U104": 1} == counted(one)
    other.tell()
    assert {"0000": 2, "U104": 1} == counted(one) == counted(other)


def test_deliveries_and_seconds_are_added() -> None:
    """Like the buckets."""
    board = Board(2)
    one, other = counting(board, 0, "0000"), counting(board, 1, "0000")
    entry: Any = Seen("webhook.deliver", "OK")
    for meters in (one, other):
        meters._own(entry)
        meters.tell()
    total = one.total()
    assert {"OK": 2} == total.deliveries
    assert pytest.approx(0.002) == total.calls["token.issue", "0000", 200].seconds


def test_who_takes_the_place_of_another_goes_on() -> None:
    """Otherwise the sum would go down when a worker dies."""
    board = Board(2)
    counting(board, 0, "0000").tell()
    assert {"0000": 2} == counted(counting(board, 0, "0000"))
