"""The editions: which published text wins where they differ, as one table of readings.

The numbers are those of `docs/fidelity.md`, where each difference is told with its sources.
"""

from dataclasses import dataclass, replace
from typing import Any

# Recorded (receipt.url): in every recorded answer, with the tid behind it.
RECEIPT_PAGE = "/issue/IssueLoader.do?type=0&innerWin=Y&TID="
RECEIPTS = f"https://npg.nicepay.co.kr{RECEIPT_PAGE}"


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
    # Documented (checkout.session-keys): apprStatus and four keys more in E24, status alone in K25
    # and E26; the same exchanges are printed both ways.
    session_keys: str  # of a checkout session: status, apprStatus or both
    # Documented (checkout.limits): bytes of sessionId, goodsName and returnUrl: 64, 40, 500 in K25 and
    # E24; 256, 100, 2500 in E26.
    session_id_bytes: int
    checkout_goods_bytes: int
    checkout_url_bytes: int
    # Documented (checkout.fake-auth): in E24's samples, a field of the sandbox in E26, an internal one
    # without effect in its last version.
    fake_auth: bool  # whether a checkout may ask for the dummy page
    # Documented (payment.session-id): at look-ups and cancels by tid and orderId E26 has a checkout
    # payment's sessionId; the records of 2023 have none.
    session_in_lookups: bool
    # Documented (account.deadline-first): vbankValidHours before vbankExpDate in K25 and, live, in E26;
    # the other way round in E26's sandbox.
    hours_before_date: bool
    # Documented (regist.spelling): K25's record prints ResultCode, BID and so on, as the payment network
    # does; its table, E24 and E26 have camel case.
    regist_keys: str  # of a registration's answer: camel or pascal
    # Documented (expire-key.deleted): a bid that was deleted, or never was: U115 live, U309 in the
    # sandbox (E26).
    deleted_bid: str  # U309 or U115
    # Documented (key-status.published): E26 had the call in the middle of 2026, and dropped it again.
    bid_status: bool  # whether there is such a call
    # Documented (reconciliation.period): startDate and endDate, and times instead of days, in the beta of
    # 2023; date=yyyyMMdd in E24.
    beta_dates: bool  # whether reconciliation takes both
    # Documented (webhook.answer): exactly OK in E26, as text/html in K25, a body that contains OK in E24.
    webhook_answer: str  # what of a receiver's answer is an acceptance: exact, html or contains
    # Documented (sandbox.webhooks): none in the sandbox of E24 and of the first E26, all in its last version.
    sandbox_webhooks: bool  # whether the sandbox has the calls on webhooks
    receipt_links: str  # where receiptUrl leads: recorded, or local where our address is known
    receipts_at: str = RECEIPTS  # that address, without the tid

    @property
    def expiry_keys(self) -> tuple[str, ...]:
        """The names under which the answer carries a token's expiry, in order."""
        return ("expireAt", "expiredAt") if self.expiry_key == "both" else (self.expiry_key,)

    @property
    def checkout_message_source(self) -> bool:
        """Whether a checkout's form ends with messageSource: K25 prints it for checkouts only."""
        return self.message_source or self.name == "manual"

    @property
    def checkout_by_basic_keys(self) -> bool:
        """Whether a hosted checkout takes no key pair of type Token: K25 asks for one of type Basic."""
        return self.name == "manual"

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
            session_keys="both",
            session_id_bytes=256,
            checkout_goods_bytes=100,
            checkout_url_bytes=2500,
            fake_auth=True,
            session_in_lookups=True,
            hours_before_date=False,
            regist_keys="camel",
            deleted_bid="U309",
            bid_status=True,
            beta_dates=True,
            webhook_answer="exact",
            sandbox_webhooks=True,
            receipt_links="local",
        ),
        # The Korean manual page to the letter.
        Edition(
            "manual",
            bearer_for_token=True,
            expiry_key="expiredAt",
            charset_from="body",
            message_source=False,
            tid_signs_find=True,
            session_keys="status",
            session_id_bytes=64,
            checkout_goods_bytes=40,
            checkout_url_bytes=500,
            fake_auth=True,
            session_in_lookups=False,
            hours_before_date=True,
            regist_keys="pascal",
            deleted_bid="U309",
            bid_status=False,
            beta_dates=False,
            webhook_answer="html",
            sandbox_webhooks=True,
            receipt_links="recorded",
        ),
        # What the gateway does today, as recorded in 2026.
        Edition(
            "gateway",
            bearer_for_token=False,
            expiry_key="expireAt",
            charset_from="query",
            message_source=True,
            tid_signs_find=False,
            session_keys="status",
            session_id_bytes=256,
            checkout_goods_bytes=100,
            checkout_url_bytes=2500,
            fake_auth=False,
            session_in_lookups=True,
            hours_before_date=False,
            regist_keys="camel",
            deleted_bid="U115",
            bid_status=False,
            beta_dates=False,
            webhook_answer="exact",
            sandbox_webhooks=True,
            receipt_links="recorded",
        ),
    )
}
