"""Converts records to JSON and back; the annotations of a dataclass give each value its type.

A new kind of record, or a new field with a default, needs no change here. A stored value whose
field no longer exists is ignored, so that records written before the field was removed can be read.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from mock_nicepay.contract.times import KST
from mock_nicepay.core.records import Record

T = TypeVar("T")
Way = Callable[[Any], Any]
Ways = tuple[Way, Way]  # to a JSON value, and back

_PLAIN = (str, int, float, bool)
_NETWORKS = {IPv4Network, IPv6Network}
_MICROSECOND = timedelta(microseconds=1)


def kinds_of_records() -> Mapping[str, type[Record]]:
    """Every declared kind of record, by its name."""
    return {kind.__name__: kind for kind in Record.__subclasses__() if "__slots__" in vars(kind)}


def to_text(value: object) -> str:
    """A dataclass as JSON text."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))


def from_text(kind: type[T], text: str) -> T:
    """Build a dataclass of that kind from its JSON text."""
    return from_plain(kind, json.loads(text))


def to_plain(value: object) -> dict[str, Any]:
    """A dataclass as JSON values: strings, numbers, lists and objects."""
    plain: dict[str, Any] = _ways_of(type(value))[0](value)
    return plain


def from_plain(kind: type[T], plain: Mapping[str, Any]) -> T:
    """Build a dataclass of that kind from the result of `to_plain`. Raises `KeyError` for a missing field."""
    value: T = _ways_of(kind)[1](plain)
    return value


def _same(value: Any) -> Any:
    return value


def _ways_of(kind: type) -> Ways:
    ways: Ways = _dataclass_ways(kind)
    return ways


@cache
def _dataclass_ways(kind: Any) -> Ways:
    hints = get_type_hints(kind)
    rows = [(row.name, *_ways(hints[row.name])) for row in fields(kind)]
    needed = {
        row.name
        for row in fields(kind)
        if row.default is MISSING and row.default_factory is MISSING
    }

    def write(value: Any) -> dict[str, Any]:
        return {name: to(getattr(value, name)) for name, to, _ in rows}

    def read(plain: Mapping[str, Any]) -> Any:
        return kind(
            **{name: back(plain[name]) for name, _, back in rows if name in plain or name in needed}
        )

    return write, read


@cache
def _ways(hint: Any) -> Ways:
    """How to write and read values of an annotated type. Raises `TypeError` for an unsupported one."""
    origin = get_origin(hint)
    if hint in _PLAIN or hint in (Any, NoneType) or origin is Literal:
        return _same, _same
    if hint is datetime:
        return datetime.isoformat, _moment
    if hint is date:
        return date.isoformat, date.fromisoformat
    if hint is timedelta:
        return _microseconds, lambda count: count * _MICROSECOND
    if hint in _NETWORKS:
        return str, ip_network
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_ways(hint)
    if origin in (Union, UnionType):
        return _union_ways(get_args(hint))
    if origin is tuple:
        return _tuple_ways(get_args(hint))
    if origin in (list, Sequence):
        to, back = _ways(get_args(hint)[0])
        return lambda values: list(map(to, values)), lambda values: list(map(back, values))
    if origin in (dict, Mapping):
        to, back = _ways(get_args(hint)[1])
        return (
            lambda values: {key: to(value) for key, value in values.items()},
            lambda values: {key: back(value) for key, value in values.items()},
        )
    raise TypeError(f"a record cannot have a field of type {hint}; see core/stores/codec.py")


def _tuple_ways(inner: tuple[Any, ...]) -> Ways:
    if len(inner) == 2 and inner[1] is ...:
        to, back = _ways(inner[0])
        return lambda values: [to(v) for v in values], lambda values: tuple(map(back, values))
    ways = [_ways(each) for each in inner]
    return (
        lambda values: [way[0](v) for way, v in zip(ways, values, strict=True)],
        lambda values: tuple(way[1](v) for way, v in zip(ways, values, strict=True)),
    )


def _union_ways(inner: tuple[Any, ...]) -> Ways:
    """None is null. Plain JSON types stay as they are; other types are written with their name."""
    some = tuple(each for each in inner if each is not NoneType)
    if len(some) == 1:
        to, back = _ways(some[0])
    elif set(some) <= _NETWORKS:
        to, back = str, ip_network
    elif set(some) <= set(_PLAIN):
        to = back = _same
    else:
        to, back = _named_ways(some)
    if len(some) == len(inner):
        return to, back
    return (
        lambda value: None if value is None else to(value),
        lambda value: None if value is None else back(value),
    )


def _named_ways(inner: tuple[Any, ...]) -> Ways:
    ways = {(get_origin(each) or each).__name__: _ways(each) for each in inner}
    if len(ways) < len(inner):
        raise TypeError(f"a record's field cannot be one of {inner}: two have the same name")

    def write(value: Any) -> list[Any]:
        name = type(value).__name__
        return [name, ways[name][0](value)]

    return write, lambda plain: ways[plain[0]][1](plain[1])


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    # KST must be the one shared object: the code that writes times compares it by identity.
    return moment.replace(tzinfo=KST) if moment.utcoffset() == KST.utcoffset(None) else moment


def _microseconds(span: timedelta) -> int:
    return span // _MICROSECOND
