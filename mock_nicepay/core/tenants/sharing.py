"""Keeps the state of a merchant's tenant in step with other processes on the same store.

The state is one `Running` record with a version. Each change is made in a transaction of the merchant,
on top of the changes of the other processes.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from mock_nicepay.core.records import Running
from mock_nicepay.core.store import Store


class Sharing:
    """The `Running` record of one merchant, shared with other processes now and after a restart.

    `running` is the record as this process has it. `present` completes it with what is held elsewhere
    (clock, chance, who has the gateway down), and `take_over` applies a record that another process
    wrote. Inside of `at_rest` no job of the merchant's clock runs.
    """

    def __init__(
        self,
        store: Store | None,
        client_id: str,
        at_rest: Callable[[], AbstractContextManager[None]],
        present: Callable[[Running], Running],
        take_over: Callable[[Running | None, Running], None],
    ) -> None:
        self._store = store
        self._durable = store is not None and store.durable
        self._client_id = client_id
        self._at_rest = at_rest
        self._present = present
        self._take_over = take_over
        self.running = Running(client_id)
        self._known: Running | None = None  # as the store had it when we last looked
        self._depth = 0  # of changes that are written at the end of the outermost
        self._follows = False  # what is changed on the way is written when all has been followed

    @property
    def begun(self) -> bool:
        """Whether the store has the record: then it is taken over instead of begun."""
        return self._kept() is not None

    def present(self) -> Running:
        """The state now, as a record."""
        return self._present(self.running)

    def catch_up(self, kept: Running | None = None) -> None:
        """Take over what other processes, or an earlier one, have changed.

        `kept` is what the store has, where that has just been read.
        """
        if self._store is None or self._depth or self._is_known(kept or self._kept()):
            return
        with self._alone():  # one thread follows, the others wait for it
            if not self._depth:
                self._follow()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Inside, change the state for all processes, on top of their own changes so far."""
        if not self._durable or self._store is None:
            yield
            return
        try:
            with self._alone():
                outermost = not self._depth and not self._follows
                if outermost:
                    self._follow()
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                if outermost:
                    self._write()
        except BaseException:
            self._known = None  # whatever was undone is read again
            raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The merchant's transaction, while its clock rests: see `Clock.alone`."""
        assert self._store is not None
        with self._at_rest(), self._store.transaction(self._client_id):
            yield

    def _kept(self) -> Running | None:
        return self._store.get(Running, self._client_id) if self._store is not None else None

    def _is_known(self, kept: Running | None) -> bool:
        return kept is None or (self._known is not None and self._known.version == kept.version)

    def _follow(self) -> None:
        kept = self._kept()
        if kept is None or self._is_known(kept):
            return
        before, self.running = self._known, kept
        self._follows = True
        try:
            self._take_over(before, kept)
        finally:
            self._follows = False
        self._known = kept  # the last: who finds it here finds everything
        present = self.present()
        if (present.sets, present.seed) != (kept.sets, kept.seed):
            self._write()  # a scenario given at this start has set them

    def _write(self) -> None:
        if self._store is None or not self._durable:
            return
        version = self._known.version if self._known else self.running.version
        present = replace(self.present(), version=version)
        if present != self._known:
            self._known = self.running = replace(present, version=version + 1)
            self._store.put(self._known)
