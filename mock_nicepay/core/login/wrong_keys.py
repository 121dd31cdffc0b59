"""Slows down guessing of the admin key: the more wrong keys, the later each is answered.

The right key is never delayed, so nobody can lock its owner out.
"""

from collections.abc import MutableSequence
from dataclasses import replace
from mmap import mmap

from mock_nicepay.contract.endpoint import Reply, Wire
from mock_nicepay.core.clock import stopwatch

_FREE = 3  # wrong keys a minute without a delay, for typing errors
_STEP, _LONGEST = 0.5, 5.0  # seconds
_REMEMBERED = 60.0  # seconds
_PLACES = _FREE + int(_LONGEST / _STEP)  # further wrong keys do not increase the delay
_NEVER = float("-inf")


def shared_times() -> MutableSequence[float]:
    """Times for `WrongKeys`, in memory that this process shares with the processes it forks."""
    times = memoryview(mmap(-1, 8 * _PLACES)).cast("d")
    for place in range(_PLACES):
        times[place] = _NEVER
    return times  # type: ignore[return-value]


class WrongKeys:
    """The wrong keys that one server has received lately, from anybody."""

    def __init__(self, times: MutableSequence[float] | None = None) -> None:
        """`times` are the stopwatch's readings at the latest wrong keys.

        Workers of one server share them; of two wrong keys at the same moment one may not be counted.
        """
        self._times = [_NEVER] * _PLACES if times is None else times

    def delay(self, now: float | None = None) -> float:
        """Count one more wrong key; returns the seconds by which its answer is delayed."""
        now = stopwatch() if now is None else now
        oldest = min(range(_PLACES), key=self._times.__getitem__)
        self._times[oldest] = now
        recent = sum(now - each < _REMEMBERED for each in self._times)
        return min(_LONGEST, _STEP * max(0, recent - _FREE))

    def slowed(self, reply: Reply) -> Reply:
        """The answer to a wrong key, with its delay."""
        delay = self.delay()
        return replace(reply, wire=Wire(delay=delay)) if delay else reply
