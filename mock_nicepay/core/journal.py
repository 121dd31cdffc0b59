"""The journal: every call of a merchant with its answer, the rule that fired and a diagnosis.

Bounded, newest first. Entries are masked when they are made, so nothing secret is ever kept.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.times import iso

KEPT_TEXT = 16_384  # characters of a body that an entry keeps
SMALL = 1024  # bytes of an entry's bodies that are not counted
LARGEST_WEIGHT = 8_388_608  # bytes of larger ones that a journal keeps


@dataclass(frozen=True, slots=True)
class Entry:
    """One call. Everything in it may be shown to anybody who may see the mock."""

    id: int
    at: datetime
    client_id: str  # empty: no merchant of this sandbox
    call: str  # empty: no such endpoint
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    status: int
    code: str
    message: str
    answer: Any
    scenario: str
    rule: str
    line: int
    effect: str
    fate: str
    ms: float
    cause: Cause | None
    warning: str
    key_id: str = ""  # the client id of the key pair that called; empty: nobody logged in

    def to_json(self) -> dict[str, Any]:
        """The entry as GET /_mock/journal answers it."""
        return {
            "id": self.id,
            "at": iso(self.at),
            "merchant": self.client_id or None,
            "clientId": self.key_id or None,
            "call": self.call or None,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "diagnosis": {"en": self.cause.en, "ko": self.cause.ko} if self.cause else None,
            "warning": self.warning or None,
            "rule": {"scenario": self.scenario, "line": self.line, "text": self.rule}
            if self.scenario
            else None,
            "effect": self.effect,
            "wire": self.fate,
            "ms": self.ms,
            "request": {"headers": self.headers, "body": self.body},
            "response": {"body": self.answer},
        }


class Journal:
    """The latest calls of one merchant: at most `size`, and `weight` bytes of large bodies."""

    def __init__(self, size: int, numbers: "count[int]", weight: int = LARGEST_WEIGHT) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._numbers = numbers
        self._bound = weight
        self._heavy: deque[tuple[int, int]] = (
            deque()
        )  # number and weight of the large, oldest first
        self._weight = 0  # of all of them
        self._lock = Lock()

    def next_id(self) -> int:
        """The next number; all journals of a sandbox count together, so their order is known."""
        return next(self._numbers)

    def add(self, entry: Entry, weight: int = 0) -> None:
        """Keep an entry; the oldest makes room.

        `weight` is the size of its bodies in bytes. Small ones are not counted: their number is.
        """
        self._entries.append(entry)
        if weight > SMALL:
            with self._lock:
                self._heavy.append((entry.id, weight))
                self._weight += weight
                self._make_room()

    def _make_room(self) -> None:
        """Forget the oldest entries until the large ones are within their bound; the newest stays."""
        self._drop_before(self._entries[0].id)
        while self._weight > self._bound and len(self._entries) > 1:
            self._entries.popleft()
            self._drop_before(self._entries[0].id)

    def _drop_before(self, oldest: int) -> None:
        while self._heavy and self._heavy[0][0] < oldest:
            self._weight -= self._heavy.popleft()[1]

    @property
    def weight(self) -> int:
        """Bytes of large bodies, those that have just made room perhaps included."""
        return self._weight

    def entries(self) -> list[Entry]:
        """What is kept, the newest first."""
        return list(reversed(self._entries))

    @property
    def latest(self) -> int:
        """The number of the newest entry, 0 when nothing is kept."""
        try:
            return self._entries[-1].id
        except IndexError:
            return 0

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._heavy.clear()
            self._weight = 0

    def __len__(self) -> int:
        return len(self._entries)


def shortened(text: str) -> str:
    """Text as far as an entry keeps it."""
    return text if len(text) <= KEPT_TEXT else f"{text[:KEPT_TEXT]}… ({len(text)} characters)"
