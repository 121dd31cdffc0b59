"""The editions: which published text wins where they differ, as one table of readings.

The numbers are those of `docs/fidelity.md`, where each difference is told with its sources.
"""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Edition:
    """How the gateway reads the contradictions of its published texts."""

    name: str
    # Documented (token.bearer): the oldest page and E24 print Basic or Bearer, K25 and E26 Basic only.
    bearer_for_token: bool  # a live token may ask for a token, and gets itself
    # Recorded (token.expiry-key): expireAt in both records; expiredAt in the tables up to E24.
    expiry_key: str  # expireAt, expiredAt or both
    # Documented (token.charset-from): under Body in the oldest page and K25, in the query in E26.
    charset_from: str  # where the access-token call reads returnCharSet: query, body or both
    # Documented (message.source): the last key of a payment in every table of E26; K25 has it for
    # checkout and webhooks only, and the records of 2021 and 2023 lack it.
    message_source: bool
    # Documented (find.sign): over the orderId in E26, over the tid in K25 and E24.
    tid_signs_find: bool  # also a signature over the tid is taken at the look-up by orderId

    @property
    def expiry_keys(self) -> tuple[str, ...]:
        """The names under which the answer carries a token's expiry, in order."""
        return ("expireAt", "expiredAt") if self.expiry_key == "both" else (self.expiry_key,)

    @property
    def charset_sources(self) -> tuple[str, ...]:
        """Where returnCharSet of the access-token call is read, the first wins."""
        return ("query", "body") if self.charset_from == "both" else (self.charset_from,)

    def with_switches(self, **switches: Any) -> "Edition":
        """This edition with each switch that is not None."""
        return replace(
            self, **{name: value for name, value in switches.items() if value is not None}
        )


EDITIONS = {
    edition.name: edition
    for edition in (
        # Accepts what any edition accepts, answers the keys of all.
        Edition(
            "union",
            bearer_for_token=True,
            expiry_key="both",
            charset_from="both",
            message_source=True,
            tid_signs_find=True,
        ),
        # The Korean manual page to the letter.
        Edition(
            "manual",
            bearer_for_token=True,
            expiry_key="expiredAt",
            charset_from="body",
            message_source=False,
            tid_signs_find=True,
        ),
        # What the gateway does today, as recorded in 2026.
        Edition(
            "gateway",
            bearer_for_token=False,
            expiry_key="expireAt",
            charset_from="query",
            message_source=True,
            tid_signs_find=False,
        ),
    )
}
