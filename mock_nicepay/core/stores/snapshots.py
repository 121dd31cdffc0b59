"""Saves the whole state of a gateway as one JSON value, and loads it into any store.

A snapshot holds the secret keys of merchants and the key that signs tokens, so keep it as safe as
those. It does not hold journals and logins to the console.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mock_nicepay.contract.spelling import nearest
from mock_nicepay.contract.times import iso
from mock_nicepay.core.login.signing_keys import CONSOLE_KEY
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Ended, Heard, Play, Record, Running, Secret
from mock_nicepay.core.store import Store, key_of
from mock_nicepay.core.stores import codec
from mock_nicepay.core.stores.foreign import check, misfit
from mock_nicepay.core.tenants.tenants import Tenants

FORMAT = "mock-nicepay snapshot"
VERSION = 1
_WHAT = "a snapshot is what GET /_mock/snapshot answers, or `mock-nicepay snapshot save` writes"


def taken(store: Store, tenants: Tenants, at: datetime) -> dict[str, Any]:
    """A snapshot of the present state, for `restored`."""
    kept = [record for kind in store.snapshot().values() for record in kind]
    # Read last: whatever is invented from here on belongs to a later chapter than those records.
    running = tenants.to_records()
    stale = (Running,) if store.durable else (Running, Play, Heard)
    records = [
        *(
            record
            for record in kept
            if not isinstance(record, (*stale, Ended)) and not _own(record)
        ),
        *(record for record in running if isinstance(record, stale)),
    ]
    kinds: dict[str, list[Any]] = {}
    for record in records:
        kinds.setdefault(type(record).__name__, []).append(codec.to_plain(record))
    return {"format": FORMAT, "version": VERSION, "takenAt": iso(at), "records": kinds}


def restored(store: Store, snapshot: Any) -> None:
    """Replace the contents of a store by a snapshot. Raises `Misuse` for a value that is not one.

    Every merchant begins a new life, so that other processes on the store notice the change.
    """
    records = list(_read(snapshot))
    with store.transaction():
        lives = {each.client_id: each for each in store.find(Running)}
        own = [secret for secret in store.find(Secret) if _own(secret)]
        store.replace_all([*own, *(_renewed(record, lives) for record in records)])


def _own(record: Record) -> bool:
    """Whether a record belongs to the store itself, not to its contents: the console's login key."""
    return isinstance(record, Secret) and record.name == CONSOLE_KEY


def _renewed(record: Record, lives: Mapping[str, Running]) -> Record:
    if not isinstance(record, Running):
        return record
    before = lives.get(record.client_id, record)
    return replace(
        record,
        life=max(record.life, before.life) + 1,
        version=max(record.version, before.version) + 1,
    )


def _read(snapshot: Any) -> Iterable[Record]:
    """The records of a snapshot. Raises `Misuse` for one that is wrong."""
    if not isinstance(snapshot, Mapping) or snapshot.get("format") != FORMAT:
        raise Misuse(f'this is not a snapshot: there is no "format": "{FORMAT}" in it; {_WHAT}')
    if snapshot.get("version") != VERSION:
        raise Misuse(
            f"this snapshot has the version {str(snapshot.get('version'))[:20]}, and this "
            f"mock-nicepay reads version {VERSION}: use the mock-nicepay that wrote it"
        )
    known = codec.kinds_of_records()
    kinds = snapshot.get("records")
    if not isinstance(kinds, Mapping):
        raise Misuse(f'this snapshot has no "records"; {_WHAT}')
    seen: set[tuple[str, str]] = set()
    for name, rows in kinds.items():
        if name not in known:
            near = nearest(name, known)
            hint = f"; the nearest kind is {near}" if near else ""
            raise Misuse(f"this snapshot has records of an unknown kind, {str(name)[:40]!r}{hint}")
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
            record = _record(known[name], row, f"{name} {number}")
            check(record, f"this snapshot's {name} {number}")
            if (name, key_of(record)) in seen:
                raise Misuse(f"this snapshot has two {name} records of one {record.KEY}: {number}")
            seen.add((name, key_of(record)))
            yield record


def _record(kind: type[Record], row: Any, where: str) -> Record:
    try:
        record = codec.from_plain(kind, row)
        codec.to_text(record).encode()  # fails here, not when the store writes it
        if wrong_field := misfit(record):
            raise ValueError(wrong_field)
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as wrong:
        reason = f"{wrong} is missing" if isinstance(wrong, KeyError) else str(wrong)[:120]
        raise Misuse(f"this snapshot's {where} cannot be read: {reason}") from None
    return record
