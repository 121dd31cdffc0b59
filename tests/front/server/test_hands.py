"""The thread pool for blocking calls: bounded, one thread per lane, in order."""

import asyncio
from collections.abc import Callable
from threading import Event, Lock, current_thread
from typing import Any

import pytest

from mock_nicepay.front.server.hands import Hands


class Watched:
    """Works that block until they are released; counts how many run at the same time."""

    def __init__(self) -> None:
        self.released = Event()
        self.running: list[str] = []
        self.most = 0
        self._lock = Lock()

    def work(self, name: str) -> Callable[[], str]:
        """One of them; returns its name."""

        def run() -> str:
            with self._lock:
                self.running.append(name)
                self.most = max(self.most, len(self.running))
            self.released.wait(10)
            with self._lock:
                self.running.remove(name)
            return name

        return run


async def run_all(hands: Hands, lanes: list[str], watched: Watched, expected: int) -> Any:
    """Run works in these lanes; release them when the expected number runs."""
    jobs = [
        asyncio.ensure_future(hands.do(lane, watched.work(f"{lane}{number}")))
        for number, lane in enumerate(lanes)
    ]
    while len(watched.running) < expected:
        await asyncio.sleep(0)
    watched.released.set()
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
def test_concurrent_works_are_bounded(most: int, lanes: list[str], expected: int) -> None:
    """As many works run as there are threads, one of each lane; all are done in the end."""
    hands, watched = Hands(most), Watched()
    results = asyncio.run(run_all(hands, lanes, watched, expected))
    assert [f"{lane}{number}" for number, lane in enumerate(lanes)] == results
    assert expected == watched.most
    hands.close()


def test_what_a_work_raises_is_raised() -> None:
    """The caller gets the exception, and the thread goes on working."""

    def fail() -> str:
        raise LookupError("no")

    async def both() -> str:
        with pytest.raises(LookupError, match="no"):
            await hands.do("a", fail)
        return await hands.do("a", lambda: current_thread().name)

    hands = Hands(1)
    assert "mock-nicepay-call" == asyncio.run(both())
    hands.close()


def test_close_ends_the_threads() -> None:
    """Each thread ends after its current work."""
    hands = Hands(3)
    (thread,) = {asyncio.run(hands.do("a", current_thread))}
    hands.close()
    thread.join(10)
    assert not thread.is_alive()
