"""A request to the control plane, as its actions read it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.sandbox import Sandbox

T = TypeVar("T")
PAGING = ("limit", "from")  # the arguments of every list that can grow long
_LISTED = 1000  # rows of a list without ?limit=


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to the control plane."""

    merchant: str  # from ?merchant=, empty: all
    arguments: Mapping[str, str]
    body: bytes
    places: Mapping[str, str] = field(default_factory=dict)  # the variables in the path

    def json(self) -> Any:
        """The body as JSON; None when it is empty. Raises `Misuse`."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise Misuse(f"the body is not JSON: {str(error)[:200]}") from None

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one when there is no body. Raises `Misuse`."""
        value = self.json()
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Misuse(f"the body must be a JSON object: {{...}}, not {type(value).__name__}")
        return value

    def words(self, *known: str) -> dict[str, Any]:
        """The body as a JSON object with these keys only. Raises `Misuse`."""
        body = self.object()
        for key in body:
            if key not in known:
                hint = did_you_mean(key, known, f"it takes {', '.join(known)}")
                raise Misuse(f"the body has a key {key[:100]!r}; {hint}")
        return body

    def nothing(self) -> None:
        """Raise `Misuse` when the body has any keys."""
        if self.object():
            raise Misuse("the body has keys, but this request takes none")

    def text(self) -> str:
        """The body as text. Raises `Misuse`."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Misuse("the body is not UTF-8") from None

    def owner(self, sandbox: Sandbox) -> str:
        """The client id of the named merchant; empty when none is named.

        Raises `Misuse` for an unknown one.
        """
        return sandbox.merchant(self.merchant).client_id if self.merchant else ""

    def page(self, found: Sequence[T]) -> Sequence[T]:
        """The requested page of a list: `limit` rows, beginning with row `from`. Raises `Misuse`."""
        start, most = self.bounds()
        return found[start : start + most]

    def bounds(self) -> tuple[int, int]:
        """The number of rows to skip, and the number of rows to return at most.

        Raises `Misuse`.
        """
        return self._whole("from", 0), self._whole("limit", _LISTED)

    def _whole(self, name: str, otherwise: int) -> int:
        text = self.arguments.get(name, str(otherwise))
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise Misuse(f"{name} is {text[:20]!r}; expected a whole number")
        return int(text)
