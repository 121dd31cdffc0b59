"""Field types that know their byte limit and the code they refuse with.

Limits are UTF-8 bytes whatever character set the answer is in (a Hangul syllable counts three).
Documented (limits.utf-8): E26 payment-window-url. The same types describe our own answers:
`complaint` tells what is wrong with a value we were about to send.

The first failing field in declared order decides: `Body.read` goes through the fields in that
order, and a field raises its `Refusal` out of it.
"""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, ClassVar, cast

import marshmallow
from marshmallow import fields

from mock_nicepay.contract.charsets import EUC_KR, UTF_8
from mock_nicepay.contract.refusal import Cause, Refusal


def byte_length(text: str) -> int:
    """How many bytes `text` takes in UTF-8; a lone surrogate counts as one replaced character."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


class Body(marshmallow.Schema):
    """The fields of one request. Keys it does not name are ignored.

    Recorded (fields.unknown-ignored): the sample clients send keys that no page names.
    """

    # What must come with a field, if that does.
    COMPANIONS: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    class Meta:
        unknown = marshmallow.EXCLUDE

    @property
    def declared(self) -> Mapping[str, "Field"]:
        """The fields in declared order."""
        return cast("Mapping[str, Field]", self.fields)

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all fields, None for what was not sent. Raises `Refusal`."""
        return {
            name: field.deserialize(given.get(name, marshmallow.missing), name)
            for name, field in self.fields.items()
        }


class Field(fields.Field[Any]):
    """What all field types share: required or not, null and empty count as missing.

    Documented (fields.required): missing or empty is U100 with the field's name (E26 code).
    """

    max_bytes: int | None = None
    refuses_with: ClassVar[tuple[str, ...]] = ()  # codes for a value that was sent and does not do

    def __init__(self, *, required: bool = False, nullable: bool = False) -> None:
        absent = marshmallow.missing if required else None
        super().__init__(required=required, allow_none=True, load_default=absent)
        self.nullable = nullable

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """The value as the call works with it, or None when it was not sent."""
        if value is marshmallow.missing or value is None or value == "":
            if self.required:
                raise self.absence(str(attr), sent=value is not marshmallow.missing)
            return None
        return self.read(value, str(attr))

    def absence(self, name: str, *, sent: bool) -> Refusal:
        """What is said when a required field is not there, or was sent empty."""
        return Refusal("U100", name, cause=_missing(name, sent=sent))

    def read(self, value: Any, name: str) -> Any:
        """The value of a field that was sent, as it came unless a type reads it. Raises `Refusal`."""
        del name
        return value

    def complaint(self, value: Any) -> str:
        """What is wrong with `value` in an answer of ours; empty when nothing is."""
        if value is None:
            return "" if self.nullable else "is null"
        return self.flaw(value)

    def flaw(self, value: Any) -> str:
        """What is wrong with a value that is there; nothing unless a type says so."""
        del value
        return ""


class Text(Field):
    """Text of at most `max_bytes` UTF-8 bytes.

    Documented (limits.u105): longer is U105 with the limit and the real length (E26 code).
    Assumed (fields.scalar-text): a JSON number or boolean is taken as its text, as the gateway's
    JSON reader does by default; an object or a list is U133 with the field's name.
    """

    refuses_with: ClassVar[tuple[str, ...]] = ("U105", "U133")
    UNIT = "bytes"  # that its limit is counted in

    def __init__(
        self, max_bytes: int | None = None, *, required: bool = False, nullable: bool = False
    ) -> None:
        super().__init__(required=required, nullable=nullable)
        self.max_bytes = max_bytes

    def length(self, text: str) -> int:
        """How much of its limit a text takes, in `UNIT`."""
        return byte_length(text)

    def read(self, value: Any, name: str) -> str:
        text = _as_text(value, name)
        if self.max_bytes is not None and self.length(text) > self.max_bytes:
            raise Refusal(
                "U105",
                self.max_bytes,
                self.length(text),
                cause=self.too_long(name, text, self.max_bytes),
            )
        return text

    def too_long(self, name: str, text: str, limit: int) -> Cause:
        """What is told of a text beyond its limit."""
        return _too_long(name, text, limit)

    def flaw(self, value: Any) -> str:
        if not isinstance(value, str):
            return f"is {type(value).__name__}, not text"
        if self.max_bytes is not None and self.length(value) > self.max_bytes:
            return f"takes {self.length(value)} {self.UNIT} of {self.max_bytes}"
        return ""


class Chars(Text):
    """Text of at most so many characters: a Hangul syllable counts one.

    Documented (keyin.characters): the limits of key-in are in characters, not in bytes (E26).
    """

    UNIT = "characters"

    def length(self, text: str) -> int:
        return len(text)

    def too_long(self, name: str, text: str, limit: int) -> Cause:
        return Cause(
            f"{name} has {len(text)} characters; at most {limit} are allowed, and here it is "
            "characters that count, not bytes",
            f"{name} 값이 {len(text)}자입니다. 최대 {limit}자까지 허용됩니다(이 API는 바이트가 아닌 글자 수로 셉니다)",
        )


class Choice(Text):
    """Text out of a closed list; anything else is U132 with the value in the brackets.

    Without `max_bytes` that is so however long it is.
    """

    refuses_with: ClassVar[tuple[str, ...]] = (*Text.refuses_with, "U132")

    def __init__(self, *allowed: str, max_bytes: int | None, required: bool = False) -> None:
        super().__init__(max_bytes, required=required)
        self.allowed = allowed

    def read(self, value: Any, name: str) -> str:
        text = super().read(value, name)
        if text not in self.allowed:
            raise Refusal("U132", text, cause=_not_allowed(name, text, self.allowed))
        return text


class ReturnCharSet(Choice):
    """The character set of the answer.

    Documented (charset.values): utf-8 or euc-kr, in lower or in upper case (E26, said for checkout);
    the oldest page's default `utf-7` is a misprint and means utf-8.
    Assumed (charset.u132): any other word is U132 on every call, as it is on checkout.
    """

    def __init__(self) -> None:
        super().__init__(UTF_8, EUC_KR, UTF_8.upper(), EUC_KR.upper(), max_bytes=10)

    def read(self, value: Any, name: str) -> str:
        return super().read(value, name).lower()


class Amount(Field):
    """An amount of money of at most `digits` digits, as a JSON number or as text.

    Recorded (amount.text): the sample clients send the form's text, "amount": "1004".
    Documented (number.fraction): a fraction is dropped, 10.50 is 10 (E26 info-general).
    Documented (amount.u127): no positive whole number, or 13 digits and more, is U127 (E26).
    """

    refuses_with: ClassVar[tuple[str, ...]] = ("U127",)
    LEAST = 1
    TOO_SMALL = "U127"
    NO_NUMBER = "U127"
    _FORM = re.compile(r"\s*([+-]?)0*([0-9]+)(?:\.[0-9]*)?\s*", re.ASCII)

    def __init__(self, digits: int = 12, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.digits = digits

    def read(self, value: Any, name: str) -> int:
        number = self._whole(value, name)
        if number >= 10**self.digits:
            raise self.too_large(name, value)
        if number < self.LEAST:
            raise Refusal(self.TOO_SMALL, name, cause=_too_small(name, number, self.LEAST))
        return number

    def too_large(self, name: str, value: Any) -> Refusal:
        """What is said of a value with more digits than it may have."""
        del value
        return Refusal("U127", cause=_too_many_digits(name, self.digits))

    def _whole(self, value: Any, name: str) -> int:
        """The number without its fraction. Raises `Refusal`."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, float) and isfinite(value):
            return int(value)
        form = self._FORM.fullmatch(value) if isinstance(value, str) else None
        if form is None:
            raise Refusal(self.NO_NUMBER, cause=_no_number(name, value))
        sign, digits = form.groups()
        # Read as far as it matters: a number of thousands of digits is not worth the time.
        return int(sign + digits[: self.digits + 1])


class CancelAmount(Amount):
    """The amount of a partial cancel.

    Documented (cancel.u142): 0 or less is U142 with the field's name (E26 code).
    Assumed (number.u329): what is not a number in an optional field is U329; the text fits.
    """

    refuses_with: ClassVar[tuple[str, ...]] = ("U127", "U142", "U329")
    TOO_SMALL = "U142"
    NO_NUMBER = "U329"


class TaxFreeAmount(Amount):
    """The tax-free part of an amount; it may be 0."""

    refuses_with: ClassVar[tuple[str, ...]] = ("U127", "U329")
    LEAST = 0
    NO_NUMBER = "U329"


class Months(Field):
    """The months of an installment plan, 0 for a lump sum, as a number or as text: 3, "3", "03".

    Documented (charge.quota-form): a number in E26, text in K25, whose samples send a number.
    Assumed (charge.u329): what is not a number is U329, more than two digits U105; which months there are
    is the payment network's business.
    """

    refuses_with: ClassVar[tuple[str, ...]] = ("U105", "U329")
    DIGITS = 2
    _FORM = re.compile(r"[0-9]{1,400}(?:\.0*)?", re.ASCII)

    def read(self, value: Any, name: str) -> int:
        is_number = not isinstance(value, bool | list | dict)
        text = _digits_of(value) if is_number else ""
        if not self._FORM.fullmatch(text):
            raise Refusal("U329", cause=_no_number(name, value))
        digits = text.partition(".")[0]
        if len(digits) > self.DIGITS:
            cause = _too_many_digits(name, self.DIGITS)
            raise Refusal("U105", self.DIGITS, len(digits), cause=cause)
        return int(digits)


class Integer(Field):
    """A whole number in an answer, of at most `digits` digits."""

    def __init__(self, digits: int = 12, *, nullable: bool = False) -> None:
        super().__init__(nullable=nullable)
        self.digits = digits

    def flaw(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"is {type(value).__name__}, not a whole number"
        return f"has more than {self.digits} digits" if len(str(abs(value))) > self.digits else ""


class Number(Field):
    """A number in an answer, of at most `decimals` decimals."""

    def __init__(self, decimals: int = 2) -> None:
        super().__init__()
        self.decimals = decimals

    def flaw(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"is {type(value).__name__}, not a number"
        exact = round(value, self.decimals) == value
        return "" if exact else f"has more than {self.decimals} decimals"


class Flag(Field):
    """True or false in an answer."""

    def flaw(self, value: Any) -> str:
        return "" if isinstance(value, bool) else f"is {type(value).__name__}, not true or false"


def _as_text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise Refusal(
        "U133",
        name,
        cause=Cause(
            f"{name} is a JSON {'object' if isinstance(value, dict) else 'list'}; send text",
            f"{name} 값이 JSON {'객체' if isinstance(value, dict) else '배열'}입니다. 문자열로 보내야 합니다",
        ),
    )


def _digits_of(value: Any) -> str:
    """A number as text; Python writes none of thousands of digits down."""
    if isinstance(value, int) and abs(value) >= 10**400:
        return ""
    return str(value).strip()


def _too_many_digits(name: str, digits: int) -> Cause:
    return Cause(
        f"{name} has more than {digits} digits",
        f"{name} 값이 {digits}자리를 넘습니다",
    )


def _too_small(name: str, number: int, least: int) -> Cause:
    shown = str(number) if abs(number) < 10**40 else "far below 0"
    return Cause(
        f"{name} is {shown}; send a whole number of {least} or more",
        f"{name} 값이 {shown}입니다. {least} 이상의 정수를 보내야 합니다",
    )


def _no_number(name: str, value: Any) -> Cause:
    shown = ascii(value)[:40] if not isinstance(value, str) else repr(value[:40])
    return Cause(
        f"{name} is {shown}, which is not a number; send digits only, such as 1004",
        f"{name} 값 {shown}은(는) 숫자가 아닙니다. 1004처럼 숫자만 보내야 합니다",
    )


def _missing(name: str, *, sent: bool) -> Cause:
    if sent:
        return Cause(f"{name} was sent, but empty or null", f"{name} 항목이 비어 있거나 null입니다")
    return Cause(f"{name} was not sent", f"{name} 항목이 없습니다")


def _too_long(name: str, text: str, limit: int) -> Cause:
    length = byte_length(text)
    return Cause(
        f"{name} takes {length} bytes in UTF-8 ({len(text)} characters); at most {limit} bytes are allowed",
        f"{name} 값은 UTF-8로 {length}바이트({len(text)}자)이며 최대 {limit}바이트까지 허용됩니다",
    )


def _not_allowed(name: str, text: str, allowed: tuple[str, ...]) -> Cause:
    words = ", ".join(allowed)
    return Cause(
        f"{name} is {text!r}; allowed are {words}",
        f"{name} 값 {text!r}은(는) 허용되지 않습니다. 허용 값: {words}",
    )
