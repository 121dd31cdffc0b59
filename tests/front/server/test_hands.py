"""Threads beside the event loop: bounded, one for a lane, in order."""

import asyncio
from collections.abc import Callable
from threading import Event, Lock, current_thread
from typing import Any

import pytest

from mock_nicepay.front.server.hands import Hands


class Watched:
    """Works that wait until they are let go, and how many were at it at a time."""

    def __init__(self) -> None:
        self.let_go = Event()
        self.at_it: list[str] = []
        self.most = 0
        self._lock = Lock()

    def work(self, name: str) -> Callable[[], str]:
        """One of them, which gives its name back."""

        def run() -> str:
            with self._lock:
                self.at_it.append(name)
                self.most = max(self.most, len(self.at_it))
            self.let_go.wait(10)
            with self._lock:
                self.at_it.remove(name)
            return name

        return run


async def settled_down(hands: Hands, lanes: list[str], watched: Watched, expected: int) -> Any:
    """Have works done in those lanes; let them go when so many are at it."""
    jobs = [
        asyncio.ensure_future(hands.do(lane, watched.work(f"{lane}{number}")))
        for number, lane in enumerate(lanes)
    ]
    while len(watched.at_it) < expected:
        await asyncio.sleep(0)
    watched.let_go.set()
    return await asyncio.gather(*jobs)


@pytest.mark.parametrize(
    ("most", "lanes", "expected"),
    [
        (4, ["a"] * 10, 1),
        (4, [*["a"] * 10, "b"], 2),
        (4, list("abcdefgh"), 4),
    ],
    ids=["one lane", "another lane goes on", "many lanes"],
)
def test_so_many_are_at_it_at_a_time(most: int, lanes: list[str], expected: int) -> None:
    """As many as there are threads, and of one lane one; all are done."""
    hands, watched = Hands(most), Watched()
    results = asyncio.run(settled_down(hands, lanes, watched, expected))
    assert [f"{lane}{number}" for number, lane in enumerate(lanes)] == results
    assert expected == watched.most
    hands.close()


def test_what_a_work_raises_is_raised() -> None:
    """And the thread serves on."""

    def fail() -> str:
        raise LookupError("no")

    async def both() -> str:
        with pytest.raises(LookupError, match="no"):
            await hands.do("a", fail)
        return await hands.do("a", lambda: current_thread().name)

    hands = Hands(1)
    assert "mock-nicepay-call" == asyncio.run(both())
    hands.close()


def test_closed_its_threads_end() -> None:
    """Each after what it is at; those that never began are none."""
    hands = Hands(3)
    (thread,) = {asyncio.run(hands.do("a", current_thread))}
    hands.close()
    thread.join(10)
    assert not thread.is_alive()
