"""The shape of an answer: its keys in the recorded order, and the check that an answer keeps to it.

A shape is used by every endpoint that answers it and, under test, to check each answer sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_nicepay.contract.fields import Field


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of an answer in order, each with its field type or, nested, its own shape."""

    fields: Mapping[str, "Field | Shape"]
    nullable: bool = False  # nested only: the whole object may be null
    many: bool = False  # nested only: a list of such
    optional: frozenset[str] = frozenset()  # keys an edition leaves out

    def complaints(self, body: Mapping[str, Any], at: str = "") -> list[str]:
        """What is wrong with `body`; an empty list when it keeps to this shape."""
        found = []
        order = [key for key in self.fields if key in body or key not in self.optional]
        if list(body) != order:
            found.append(
                f"{at or 'body'} has the keys {', '.join(body)}; expected {', '.join(order)}"
            )
        for key, value in body.items():
            found += _complaints_of(self.fields.get(key), value, f"{at}{key}")
        return found


def _complaints_of(field: "Field | Shape | None", value: Any, name: str) -> list[str]:
    if field is None:
        return []
    if isinstance(field, Shape):
        if value is None:
            return [] if field.nullable else [f"{name} is null"]
        if isinstance(value, list) != field.many:
            return [f"{name} is {'not a list' if field.many else 'a list'}"]
        if field.many:
            return [
                c for n, row in enumerate(value) for c in field.complaints(row, f"{name}[{n}].")
            ]
        return field.complaints(value, f"{name}.")
    complaint = field.complaint(value)
    return [f"{name} {complaint}"] if complaint else []
