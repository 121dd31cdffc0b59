"""Slows down guesses at the admin key: the more wrong keys, the later each is answered.

The right key is never slowed: nobody can lock its owner out. Each process counts for itself, so with
N workers N times as many wrong keys are answered at once. That is no help against a key that would
take years to guess, and a common count in the store would make each wrong key a write.
"""

from collections import deque
from dataclasses import replace

from mock_nicepay.contract.endpoint import Reply, Wire
from mock_nicepay.core.clock import stopwatch

_FREE = 3  # a minute: typing errors cost nothing
_STEP, _LONGEST = 0.5, 5.0  # seconds
_REMEMBERED = 60.0  # seconds


class WrongKeys:
    """The wrong keys that one sandbox has been given of late, by anybody."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_FREE + int(_LONGEST / _STEP))

    def delay(self, now: float | None = None) -> float:
        """Count one more, and give the seconds that its answer is to wait."""
        now = stopwatch() if now is None else now
        self._times.append(now)
        recent = sum(now - each < _REMEMBERED for each in tuple(self._times))
        return min(_LONGEST, _STEP * max(0, recent - _FREE))

    def slowed(self, reply: Reply) -> Reply:
        """The answer to a wrong key, on its way only after a while."""
        delay = self.delay()
        return replace(reply, wire=Wire(delay=delay)) if delay else reply
