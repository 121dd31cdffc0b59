"""Types of the window's parameters: the API's field types with the window's codes.

Limits are UTF-8 bytes, as everywhere. What is wrong is a `Refusal` with a P-code: it goes to the
page's `fnError`.
"""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from mock_nicepay.contract.fields import Field, byte_length
from mock_nicepay.contract.refusal import Cause, Refusal

_LONGEST_SHOWN = 100  # characters of a value that a message repeats


class Parameter(Field):
    """Text of at most `max_bytes` UTF-8 bytes.

    Documented (window.missing): a required one that is missing or empty is P007 with its name.
    Documented (window.too-long): beyond its limit it is P009 with name, value and limit (K25, E26).
    Assumed (window.type): an object or a list is P038; a number or a boolean is taken as its text.
    """

    def __init__(self, max_bytes: int | None = None, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.max_bytes = max_bytes

    def absence(self, name: str, *, sent: bool) -> Refusal:
        del sent  # the page's developer is told the same
        return missing(name)

    def read(self, value: Any, name: str) -> Any:
        text = _as_text(value, name)
        if self.max_bytes is not None and byte_length(text) > self.max_bytes:
            raise too_long(name, text, byte_length(text), self.max_bytes)
        return text


class Choice(Parameter):
    """Text out of a closed list. Documented (window.choice): anything else is P012."""

    def __init__(self, *allowed: str, max_bytes: int, required: bool = False) -> None:
        super().__init__(max_bytes, required=required)
        self.allowed = allowed

    def read(self, value: Any, name: str) -> str:
        text: str = super().read(value, name)
        if text not in self.allowed:
            raise not_allowed(name, text, ", ".join(self.allowed))
        return text


class Number(Parameter):
    """A whole number of at most `digits` digits, as a JSON number or as text.

    Documented (window.number): what is not a number is P010 (K25).
    Documented (number.fraction): a fraction is dropped, 10.50 is 10 (E26 info-general).
    """

    _FORM = re.compile(r"(-?\d+)(?:\.\d+)?", re.ASCII)

    def __init__(self, digits: int, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.digits = digits

    def read(self, value: Any, name: str) -> int:
        digits = self._whole(value, name)
        if len(digits.lstrip("-").lstrip("0")) > self.digits:
            raise too_long(name, digits, len(digits.lstrip("-")), self.digits, unit="digits")
        return self.check(int(digits), name)

    def check(self, number: int, name: str) -> int:
        """The number, when it may be that. Raises `Refusal`."""
        if number < 0:
            raise no_number(name, number)
        return number

    def _whole(self, value: Any, name: str) -> str:
        """The digits before the point. Raises `Refusal`."""
        if isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
            raise no_number(name, value)
        if isinstance(value, float):
            return str(int(value))
        form = self._FORM.fullmatch(_as_text(value, name))
        if form is None:
            raise no_number(name, value)
        return form[1]


class Flag(Parameter):
    """True or false. Documented (window.boolean): anything else is P011; their texts are taken, too."""

    def read(self, value: Any, name: str) -> bool:
        text = _as_text(value, name)
        if text in ("true", "false"):
            return text == "true"
        cause = Cause(
            f"{name} is {shown(text)!r}; send true or false",
            f"{name} 값이 {shown(text)!r}입니다. true 또는 false를 보내야 합니다",
        )
        raise Refusal("P011", name, shown(text), cause=cause)


# What is said


def missing(name: str, because: str = "") -> Refusal:
    """A required parameter is not there."""
    needs = f"; {because} needs it" if because else "; requestPay needs it"
    return Refusal(
        "P007",
        name,
        cause=Cause(f"{name} was not sent, or empty{needs}", f"{name} 항목이 없거나 비어 있습니다"),
    )


def not_allowed(name: str, value: str, allowed: str) -> Refusal:
    """A value outside its list."""
    return Refusal(
        "P012",
        name,
        shown(value),
        allowed,
        cause=Cause(
            f"{name} is {shown(value)!r}; allowed: {allowed}",
            f"{name} 값 {shown(value)!r}은(는) 허용되지 않습니다. 허용 값: {allowed}",
        ),
    )


def too_long(name: str, value: str, length: int, limit: int, unit: str = "bytes") -> Refusal:
    """A value beyond its limit; lengths in `unit`, bytes of UTF-8 or digits."""
    korean = "자리" if unit == "digits" else "바이트"
    how = "" if unit == "digits" else " in UTF-8"
    return Refusal(
        "P009",
        name,
        shown(value),
        limit,
        cause=Cause(
            f"{name} takes {length} {unit}{how}; at most {limit} are allowed",
            f"{name} 값은 {length}{korean}입니다. 최대 {limit}{korean}까지 허용됩니다",
        ),
    )


def no_number(name: str, value: Any) -> Refusal:
    """What should be a number, and is none."""
    return Refusal(
        "P010",
        name,
        shown(value),
        cause=Cause(
            f"{name} is {shown(value)!r}; send digits only, such as 1004",
            f"{name} 값이 {shown(value)!r}입니다. 1004처럼 숫자만 보내야 합니다",
        ),
    )


def unsupported(name: str, code: str, en: str, ko: str) -> Refusal:
    """A card that cannot be asked for, and why."""
    card = repr(shown(code))
    return Refusal("P021", cause=Cause(f"{name} {card}: {en}", f"{name} {card}: {ko}"))


def bad_quota(name: str, months: str, *, one: bool = False) -> Refusal:
    """Months that are not written as they should be."""
    en = "send one value beside cardCode" if one else "write each as two digits: 00,02,03"
    ko = "값을 하나만 보내야 합니다" if one else "00,02,03처럼 두 자리로 써야 합니다"
    return Refusal(
        "V004",
        cause=Cause(f"{name} is {shown(months)!r}; {en}", f"{name} 값 {shown(months)!r}: {ko}"),
    )


def shown(value: Any) -> str:
    """A value as far as a message repeats it."""
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _as_text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    en, ko = ("an object", "객체") if isinstance(value, Mapping) else ("a list", "배열")
    cause = Cause(f"{name} is {en}; send text", f"{name} 값이 {ko}입니다. 문자열로 보내야 합니다")
    raise Refusal("P038", cause=cause)
