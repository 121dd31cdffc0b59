"""One merchant's random stream, dealt out in chapters where several processes draw on it."""

from collections.abc import Callable
from functools import partial
from itertools import count

from mock_nicepay.core.identity import Identity
from mock_nicepay.core.records import Running
from mock_nicepay.core.store import Store


class Chance:
    """Holds `identity`, a merchant's source of chance, seeded by a scenario or by the sandbox."""

    def __init__(self, store: Store | None, client_id: str, usual_seed: int) -> None:
        self._store = store if store is not None and store.durable else None
        self._client_id = client_id
        self._usual_seed = usual_seed
        self.begin(Running(client_id), None)

    def begin(self, running: Running, seed: int | None) -> None:
        """Start the stream of a merchant's current life; without `seed` the sandbox's seed is used."""
        self.seed = seed
        begins_with = self._usual_seed if seed is None else seed
        self.identity = Identity(begins_with, self._client_id, self._chapters(running))

    def next_chapter(self, running: Running) -> int:
        """The chapter to begin with after the state has been loaded from a snapshot."""
        if self._store is None:
            return self.identity.next_chapter
        return running.chapter + self._store.counted(self._stream(running))

    def _chapters(self, running: Running) -> Callable[[], int] | None:
        """Numbers the chapters: a counter in the store, where other processes draw on the stream too."""
        first = running.chapter
        if self._store is None:
            return count(first).__next__ if first else None
        count_up = partial(self._store.count_up, self._stream(running), self._client_id)
        return lambda: first + count_up()

    def _stream(self, running: Running) -> str:
        return f"{self._client_id}#{running.life}#{self.seed}"
