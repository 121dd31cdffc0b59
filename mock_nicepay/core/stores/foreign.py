"""Checks the records of a snapshot, which anybody may have written: their types, their values.

Records that a store reads back are not checked: that would slow every call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from math import isfinite
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mock_nicepay.contract.times import EARLIEST, END_OF_TIME, ClockSetting
from mock_nicepay.core.clock import wall
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.merchants import traits
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import KeyPair, Merchant, Record, Running
from mock_nicepay.core.scenarios.language import ScenarioError
from mock_nicepay.core.scenarios.reader import read_text

_LARGEST = 2**63  # the largest number that every store, and every client language, can hold
# Invents the values that such a record leaves out; they are not kept.
_NOBODY = Identity(0, "a record from outside")

# Types


def misfit(record: object) -> str:
    """Name a field of a dataclass that holds a value of the wrong type, and that type; empty when all fit."""
    kind: Any = type(record)
    for name, hint in _hints(kind).items():
        value = getattr(record, name)
        if not fits(value, hint):
            return f"{name} holds {_kind_of(value)}"
    return ""


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type, including everything inside it."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return isinstance(value, str | int) and value in inner
    if origin is tuple:
        return isinstance(value, tuple) and _fit_tuple(value, inner)
    if origin in (list, Sequence):
        return isinstance(value, list | tuple) and all(fits(each, inner[0]) for each in value)
    if origin in (dict, Mapping):
        pairs = value.items() if isinstance(value, Mapping) else [(None, None)]
        return all(fits(key, inner[0]) and fits(each, inner[1]) for key, each in pairs)
    return _fits_type(value, type(None) if hint is None else hint)


def _fit_tuple(value: tuple[Any, ...], inner: tuple[Any, ...]) -> bool:
    if len(inner) == 2 and inner[1] is ...:
        return all(fits(each, inner[0]) for each in value)
    return len(value) == len(inner) and all(map(fits, value, inner))


def _fits_type(value: Any, kind: type) -> bool:
    if kind is float:
        return type(value) in (int, float) and isfinite(value) and abs(value) < _LARGEST
    if kind is int:
        return type(value) is int and abs(value) < _LARGEST
    if kind is datetime:
        return (
            isinstance(value, datetime)
            and value.tzinfo is not None
            and EARLIEST <= value < END_OF_TIME
        )
    if is_dataclass(kind):
        return isinstance(value, kind) and not misfit(value)
    return isinstance(value, kind)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _kind_of(value: Any) -> str:
    """What the value is, without showing it: it may be a secret key."""
    if isinstance(value, datetime):
        return "a time without an offset, or before 1970 or after 2999"
    return f"a value of type {type(value).__name__} that it cannot have"


# Values


def check(record: Record, where: str) -> None:
    """Raise `Misuse`, its message beginning with `where`, for a record that could not be used."""
    if isinstance(record, Merchant):
        _check_merchant(record, where)
    elif isinstance(record, KeyPair):
        _check_key_pair(record, where)
    elif isinstance(record, Running):
        _check_running(record, where)


def _check_merchant(merchant: Merchant, where: str) -> None:
    given = {key: value for key, value in traits.to_json(merchant).items() if value}
    traits.merchant_of(given, _NOBODY, f"{where}: ")


def _check_key_pair(pair: KeyPair, where: str) -> None:
    given = {"clientId": pair.client_id, "secretKey": pair.secret_key}
    given |= {"window": pair.window, "authType": pair.auth_type}
    try:
        traits.key_pair_of(given, Merchant(pair.merchant_id, ""), _NOBODY)
    except Misuse as no:
        raise Misuse(f"{where}: {no.message}") from None


def _check_running(running: Running, where: str) -> None:
    for clock in filter(None, (running.clock, running.at_start)):
        if not _can_go(clock):
            raise Misuse(f"{where}: its clock is neither real nor moved nor frozen at a time")
    try:
        if running.chosen:
            read_text(running.chosen)
    except ScenarioError as error:
        raise Misuse(f"{where}: its scenario cannot be read: {str(error)[:200]}") from None


def _can_go(clock: ClockSetting) -> bool:
    now = wall()
    if clock.mode == "frozen":
        return clock.moment is not None
    return clock.mode in {"real", "moved"} and EARLIEST - now <= clock.offset < END_OF_TIME - now
