"""The journal: every call of a merchant with its answer, the rule that fired and a diagnosis.

Bounded, newest first. Entries are masked before they are stored, so no secret is ever kept.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Any

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.times import iso
from mock_nicepay.core.store import Commons, Store
from mock_nicepay.settings import Settings

KEPT_TEXT = 16_384  # characters of a body that an entry keeps
SMALL = 1024  # bytes; an entry whose bodies are no larger does not count for the weight
LARGEST_WEIGHT = 8_388_608  # bytes of larger bodies that a journal keeps


# Never changed after it is made; see `contract/endpoint.py`.
@dataclass(slots=True)
class Entry:
    """One call. Its contents may be shown to anybody who has access to the mock."""

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
    key_id: str = ""  # the client id of the key pair that called; empty: no valid login

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
    """The latest calls of one merchant: at most `size` entries and `weight` bytes of large bodies."""

    def __init__(self, size: int, numbers: "count[int]", weight: int = LARGEST_WEIGHT) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._numbers = numbers
        self._bound = weight
        # Number and weight of the entries with large bodies, oldest first.
        self._heavy: deque[tuple[int, int]] = deque()
        self._weight = 0  # their sum
        self._lock = Lock()

    def next_id(self) -> int:
        """The next entry number; all journals of a sandbox share one count, so entries can be ordered."""
        return next(self._numbers)

    def add(self, entry: Entry, weight: int = 0) -> Entry:
        """Store an entry and return it; the oldest entries are dropped to make room.

        `weight` is the size of its bodies in bytes. Only large bodies count for it.
        """
        self._entries.append(entry)
        if weight > SMALL:
            with self._lock:
                self._heavy.append((entry.id, weight))
                self._weight += weight
                self._make_room()
        return entry

    def _make_room(self) -> None:
        """Drop the oldest entries until the large bodies are within their bound; the newest stays."""
        self._drop_before(self._entries[0].id)
        while self._weight > self._bound and len(self._entries) > 1:
            self._entries.popleft()
            self._drop_before(self._entries[0].id)

    def _drop_before(self, oldest: int) -> None:
        while self._heavy and self._heavy[0][0] < oldest:
            self._weight -= self._heavy.popleft()[1]

    @property
    def weight(self) -> int:
        """Bytes of large bodies; may include entries that have just been dropped."""
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


class SharedJournal(Journal):
    """The latest calls of one merchant, over all processes that share a store."""

    def __init__(
        self, size: int, numbers: "count[int]", weight: int, commons: Commons, client_id: str
    ) -> None:
        super().__init__(size, numbers, weight)
        self._size = size
        self._commons = commons
        self._client_id = client_id

    def next_id(self) -> int:
        """0: the store numbers an entry when it is added."""
        return 0

    def add(self, entry: Entry, weight: int = 0) -> Entry:
        """Store an entry and return it with its number; `weight` as for any journal."""
        counted = weight if weight > SMALL else 0
        number = self._commons.log(self._client_id, entry, self._size, counted, self._bound)
        return replace(entry, id=number)

    @property
    def weight(self) -> int:
        """Bytes of large bodies; includes entries that are still to be trimmed."""
        return self._commons.weight(self._client_id)

    def entries(self) -> list[Entry]:
        """What is kept, the newest first."""
        found = self._commons.logged(self._client_id, Entry, self._size)
        return [replace(entry, id=number) for number, entry in found]

    @property
    def latest(self) -> int:
        """The number of the newest entry, 0 when nothing is kept."""
        return self._commons.latest(self._client_id)

    def clear(self) -> None:
        """Forget everything."""
        self._commons.clear_log(self._client_id)

    def __len__(self) -> int:
        return self._commons.length(self._client_id, self._size)


def journal_for(
    store: Store | None, client_id: str, settings: Settings, numbers: "count[int]"
) -> Journal:
    """A merchant's journal: for this process, or for all processes that share the store."""
    size, weight = settings.journal_size, settings.journal_bytes
    if store is not None and store.commons is not None:
        return SharedJournal(size, numbers, weight, store.commons, client_id)
    return Journal(size, numbers, weight)


def shortened(text: str) -> str:
    """Text cut to the length that an entry keeps."""
    return text if len(text) <= KEPT_TEXT else f"{text[:KEPT_TEXT]}… ({len(text)} characters)"
