"""Turns among the threads of one process: one at a time for each owner, and no memory is kept."""

from threading import Event, Thread

import pytest

from mock_nicepay.core.stores.owner_turns import NoTurn, Turns


def test_threads_of_one_owner_have_it_one_after_another() -> None:
    """Threads of another owner run meanwhile."""
    turns, seen = Turns(10), []

    def take(owner: str) -> None:
        with turns.of(owner):
            seen.append(owner)

    same, other = (Thread(target=take, args=(owner,)) for owner in "AB")
    with turns.of("A"):
        same.start()
        other.start()
        other.join()
        assert ["B"] == seen
    same.join()
    assert ["B", "A"] == seen


def test_a_turn_that_does_not_come_is_given_up() -> None:
    """After the timeout; a later thread gets the turn as usual, and no memory is kept."""
    turns, let_go, taken = Turns(0.01), Event(), Event()

    def hold() -> None:
        with turns.of("A"):
            taken.set()
            let_go.wait(10)

    holder = Thread(target=hold)
    holder.start()
    taken.wait(10)
    with pytest.raises(NoTurn), turns.of("A"):
        pass
    let_go.set()
    holder.join()
    with turns.of("A"):
        pass
    assert {} == turns._turns
