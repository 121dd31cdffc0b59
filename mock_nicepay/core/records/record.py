"""What every record declares about itself, and how one is changed."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

STRANGER = "unknown"  # stands for all callers that are no merchant here; no merchant's client id
EVERYBODY = "*"  # stands for all merchants, new ones included; no merchant's client id


class Record:
    """What every record declares about itself for the store."""

    __slots__ = ()
    KEY: ClassVar[str]  # the field that names the record, unique among all merchants
    OWNER: ClassVar[str] = "client_id"  # the field that says whose it is; empty: nobody's
    LOOKUPS: ClassVar[tuple[str, ...]] = ()  # fields to find by, within one owner
    TALLIED: ClassVar[tuple[str, ...]] = ()  # more fields to count by, over all owners


R = TypeVar("R", bound=Record)


def changed(record: R, **values: Any) -> R:
    """As `dataclasses.replace`, three times as fast: no constructor has to run."""
    kind = type(record)
    read, writers = _access(kind)  # type: ignore[arg-type] # a class is hashable
    after = object.__new__(kind)
    for write, value in zip(writers.values(), read(record), strict=True):
        write(after, value)
    for name, value in values.items():
        if name not in writers:
            raise TypeError(f"{kind.__name__} has no {name}")
        writers[name](after, value)
    return after


@cache
def _access(kind: type[Record]) -> tuple[Callable[[Any], Any], dict[str, Any]]:
    """A getter of all fields of a kind of record, and the setter of each field by name."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}
