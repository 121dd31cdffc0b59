"""JSON Schemas of fields and shapes: of what a call accepts, and of what it answers."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from mock_nicepay.contract.checkout.fields import (
    AccountDeadline,
    CardShow,
    ExpireDate,
    Hours,
    Quotas,
    Switch,
    Unspaced,
)
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.fields import (
    Amount,
    Choice,
    Field,
    Flag,
    Integer,
    Months,
    Number,
    Text,
)
from mock_nicepay.contract.periods import MOST_ROWS, Day, Limit, Sequence
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.target import Address
from mock_nicepay.contract.window.parameters import Flag as WindowFlag
from mock_nicepay.contract.window.parameters import Number as WindowNumber
from mock_nicepay.contract.window.parameters import Parameter
from mock_nicepay.front.openapi.words import about

Schema = dict[str, Any]
_MOMENT = "2026-01-31T00:00:00Z or 2026-01-31T09:00:00.000+0900"


def request_schema(endpoint: Endpoint) -> Schema:
    """The schema of the call's body."""
    request = endpoint.request
    together = {name: list(others) for name, others in request.COMPANIONS.items()}
    schema = fields_schema(request.declared)
    return {**schema, **({"dependentRequired": together} if together else {})}


def fields_schema(fields: Mapping[str, Field]) -> Schema:
    """The object with these fields. Further keys are allowed and ignored."""
    required = [name for name, field in fields.items() if field.required]
    return {
        "type": "object",
        "properties": {name: field_schema(name, field) for name, field in fields.items()},
        **({"required": required} if required else {}),
    }


def field_schema(name: str, field: Field) -> Schema:
    """One field of a request: its type, limits and meaning."""
    schema = dict(_asked(field))
    if not field.required and "type" in schema:
        # An empty text counts as missing, so a required one must not be empty.
        schema["type"] = _with_null(schema["type"])
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    notes = [note for note in (about(name), schema.pop("description", "")) if note]
    return {**schema, **({"description": " ".join(notes)} if notes else {})}


def shape_schema(shape: Shape) -> Schema:
    """An answer: its keys in order, without further ones, and which may be missing or null."""
    required = [key for key in shape.fields if key not in shape.optional]
    schema: Schema = {
        "type": "object",
        "properties": {key: told_schema(key, field) for key, field in shape.fields.items()},
        "additionalProperties": False,
        "x-key-order": list(shape.fields),
    }
    return {**schema, **({"required": required} if required else {})}


def told_schema(name: str, field: "Field | Shape") -> Schema:
    """One key of an answer."""
    if isinstance(field, Shape):
        schema = shape_schema(field)
        if field.many:
            schema = {"type": "array", "items": schema}
    else:
        schema = dict(_told(field))
    if field.nullable:
        schema["type"] = _with_null(schema["type"])
    notes = [note for note in (about(name), schema.pop("description", "")) if note]
    return {**schema, **({"description": " ".join(notes)} if notes else {})}


def _with_null(kind: str | list[str]) -> list[str]:
    return [*([kind] if isinstance(kind, str) else kind), "null"]


# Fields of requests. A number may be sent as a number or as a text: the sample clients send texts.


@singledispatch
def _asked(field: Field) -> Schema:
    """The schema of a request's field, by its type; of an unknown type, one that allows anything."""
    del field
    return {}


@_asked.register
def _(field: Text) -> Schema:
    return {"type": "string", **({"minLength": 1} if field.required else {}), **_limit(field)}


@_asked.register
def _(field: Choice) -> Schema:
    return {"type": "string", "enum": list(field.allowed)}


@_asked.register
def _(field: Amount) -> Schema:
    most = 10**field.digits - 1
    return _number(field.LEAST, most, field.digits)


@_asked.register
def _(field: Sequence) -> Schema:
    return _number(field.LEAST, 10**field.digits - 1, field.digits)


@_asked.register
def _(field: Limit) -> Schema:
    return _number(field.LEAST, MOST_ROWS, len(str(MOST_ROWS)))


@_asked.register
def _(field: Months) -> Schema:
    return _number(0, 10**field.DIGITS - 1, field.DIGITS)


@_asked.register
def _(field: Switch) -> Schema:
    del field
    return {"type": ["boolean", "string"], "enum": [True, False, "true", "false"]}


@_asked.register
def _(field: Hours) -> Schema:
    return _number(1, 10**field.DIGITS - 1, field.DIGITS)


@_asked.register
def _(field: Unspaced) -> Schema:
    return {"type": "string", "pattern": r"^\S+$", **_limit(field)}


@_asked.register
def _(field: Quotas) -> Schema:
    months = "Two digits each, 00 for a lump sum, with commas between: 00,02,03."
    pattern = r"^(00|0[2-9]|[12]\d|3[0-6])(,(00|0[2-9]|[12]\d|3[0-6]))*$"
    return {"type": "string", "pattern": pattern, **_limit(field, months)}


@_asked.register
def _(field: CardShow) -> Schema:
    pair = "(02|04|06|07|08|12|15):[123]"
    note = "Card code and way to pay, with a pipe between: 08:3|02:3."
    return {"type": "string", "pattern": rf"^{pair}(\|{pair})*$", **_limit(field, note)}


@_asked.register
def _(field: ExpireDate) -> Schema:
    del field
    return {"type": "string", "description": f"As {_MOMENT}."}


@_asked.register
def _(field: AccountDeadline) -> Schema:
    del field
    return {"type": "string", "description": f"As 2026-01-31, 2026-01-31T09:00, {_MOMENT}."}


@_asked.register
def _(field: Day) -> Schema:
    del field
    return {"type": "string", "pattern": r"^\d{8}$", "description": "As 20230228."}


@_asked.register
def _(field: Address) -> Schema:
    return {"type": "string", "format": "uri", "minLength": 1, **_limit(field)}


# The window's parameters


@_asked.register
def _(field: Parameter) -> Schema:
    limit = field.max_bytes
    note = f"At most {limit} bytes in UTF-8." if limit else ""
    schema: Schema = {"type": ["string", "number", "boolean"]}
    return {**schema, **({"x-max-bytes": limit, "description": note} if limit else {})}


@_asked.register
def _(field: WindowNumber) -> Schema:
    del field
    return {"type": ["integer", "string"]}


@_asked.register
def _(field: WindowFlag) -> Schema:
    del field
    return {"type": ["boolean", "string"]}


# Keys of answers


@singledispatch
def _told(field: Field) -> Schema:
    """The schema of an answer's key, by its type."""
    del field
    return {}


@_told.register
def _(field: Text) -> Schema:
    return {"type": "string", **_limit(field)}


@_told.register
def _(field: Integer) -> Schema:
    most = 10**field.digits - 1
    return {"type": "integer", "minimum": -most, "maximum": most}


@_told.register
def _(field: Number) -> Schema:
    del field
    return {"type": "number"}


@_told.register
def _(field: Flag) -> Schema:
    del field
    return {"type": "boolean"}


def _number(least: int, most: int, digits: int) -> Schema:
    first = "[1-9]" if least else "[0-9]"
    return {
        "type": ["integer", "string"],
        "minimum": least,
        "maximum": most,
        "pattern": rf"^0*{first}[0-9]{{0,{digits - 1}}}$",
    }


def _limit(field: Text, note: str = "") -> Schema:
    """maxLength counts characters; where the gateway counts bytes, the description says so."""
    notes = [note] if note else []
    limit: Schema = {}
    if field.max_bytes is not None:
        limit["maxLength"] = field.max_bytes
        if field.UNIT == "bytes":
            limit["x-max-bytes"] = field.max_bytes
            notes.append(f"At most {field.max_bytes} bytes in UTF-8; a Hangul syllable has three.")
        else:
            notes.append(f"At most {field.max_bytes} characters.")
    return {**limit, **({"description": " ".join(notes)} if notes else {})}
