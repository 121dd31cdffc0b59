"""The one exception of the gateway, and the cause it explains itself with.

A refusal says that the request was wrong and that nothing has changed. An issuer's no is a
decline: it is recorded, and returned rather than raised.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a call was refused, for the developer: never on the wire, always in the journal."""

    en: str
    ko: str


class Refusal(Exception):
    """Ends a call with a result code; `values` fill the places of its message."""

    def __init__(self, code: str, *values: object, cause: Cause | None = None) -> None:
        super().__init__(code, *values)
        self.code = code
        self.values = values
        self.cause = cause
