"""The order in which connections with received data are processed."""

from collections.abc import Callable

import pytest

from mock_nicepay.front.server.turns import Turns


class Somebody:
    """A connection that answers at once."""

    def __init__(self, name: str, turns: Turns, served: list[str]) -> None:
        self.name, self.turns, self.served = name, turns, served
        self.turn = turns.number()

    def take_turn(self) -> None:
        """Answer."""
        self.served.append(self.name)
        self.turn = self.turns.number()


@pytest.fixture
def turns() -> Turns:
    """The turns of one server."""
    return Turns()


@pytest.mark.parametrize(
    ("served", "rounds"),
    [
        ("abc", ["abc"]),
        ("abc", ["cba"]),  # the first to come
        ("abcabc", ["abc", "cba"]),
        ("abcd", ["ab", "c", "d"]),
        # d came just after the others' round began, and epoll lists it last: it goes first.
        ("abcdabc", ["abc", "abcd"]),
        ("abcbdaca", ["abc", "b", "adc", "a"]),
    ],
)
def test_who_was_answered_longest_ago_goes_first(
    served: str, rounds: list[str], turns: Turns
) -> None:
    """The order in which the system lists connections does not matter; the longest wait does."""
    seen: list[str] = []
    callers = {name: Somebody(name, turns, seen) for name in "abcd"}
    for names in rounds:
        planned: list[Callable[[], None]] = []
        for name in names:
            turns.join(callers[name], planned.append)
        (begin,) = planned  # once in a round, however many joined
        begin()

    assert list(served) == seen


def test_much_waiting_data_begins_a_round_at_once(turns: Turns) -> None:
    """Waiting data is counted nowhere else: thousands of clients must not queue a megabyte each."""
    seen: list[str] = []
    planned: list[Callable[[], None]] = []
    for name in ("first", "second"):
        turns.join(Somebody(name, turns, seen), planned.append)
        turns.bring(3_000_000)

    assert ["first", "second"] == seen

    planned.pop()()

    assert ["first", "second"] == seen


def test_who_joins_meanwhile_has_the_next_round(turns: Turns) -> None:
    """Data that arrives during a round does not prolong it."""
    seen: list[str] = []
    planned: list[Callable[[], None]] = []
    late = Somebody("late", turns, seen)

    class Host(Somebody):
        def take_turn(self) -> None:
            super().take_turn()
            turns.join(late, planned.append)

    turns.join(Host("host", turns, seen), planned.append)
    planned.pop()()

    assert ["host"] == seen

    planned.pop()()

    assert ["host", "late"] == seen
