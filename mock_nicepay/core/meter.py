"""Counts calls and deliveries for the metrics; holds no merchant, order or key.

It receives every journal entry, and takes about a microsecond for each.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from mock_nicepay.contract.tables import result_codes
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.webhooks.deliveries import NAME as DELIVERY

# Upper bounds of the histogram's buckets, in seconds.
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0)
NONE, OTHER = "none", "other"


@dataclass(slots=True)
class Durations:
    """A histogram of how long calls took, without the delays of scenarios."""

    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one call that took that many seconds."""
        self.classes[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def add_all(self, others: "Durations") -> None:
        """Count all the calls that `others` has counted."""
        pairs = zip(self.classes, others.classes, strict=True)
        self.classes = [ours + theirs for ours, theirs in pairs]
        self.seconds += others.seconds


class Meter:
    """The counts of one sandbox; a listener of its recorder."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, str, int], Durations] = {}  # by name, code and HTTP status
        self.deliveries: Counter[str] = Counter()  # by outcome: OK or failed
        self._codes = result_codes()
        self._lock = Lock()

    def __call__(self, entry: Entry) -> None:
        """Count a journal entry."""
        with self._lock:
            if entry.call == DELIVERY:
                self.deliveries[entry.code] += 1
                return
            key = (entry.call or NONE, entry.code or NONE, entry.status)
            (self.calls.get(key) or self._new(*key)).add(entry.ms / 1000)

    def told(self) -> dict[str, Any]:
        """The counts as a JSON value."""
        with self._lock:
            calls = [(*key, taken.classes, taken.seconds) for key, taken in self.calls.items()]
            return {"calls": calls, "deliveries": dict(self.deliveries)}

    def add_told(self, told: dict[str, Any]) -> None:
        """Add the counts that another meter returned by `told`."""
        with self._lock:
            for name, code, status, classes, seconds in told["calls"]:
                taken = self.calls.setdefault((name, code, status), Durations())
                taken.add_all(Durations(classes, seconds))
            self.deliveries.update(told["deliveries"])

    def _new(self, name: str, code: str, status: int) -> Durations:
        """The counts for an entry that is the first of its kind, or has an unpublished code.

        A scenario may make up any code, and each would become a series of the metrics.
        """
        published = code if code == NONE or code in self._codes else OTHER
        return self.calls.setdefault((name, published, status), Durations())
