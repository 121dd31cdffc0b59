"""Open payment windows, and the results of finished ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Opening(Record):
    """A payment window that a page has opened. The browser cannot change its parameters."""

    KEY: ClassVar[str] = "id"

    id: str  # nobody can guess it; whoever has it is the payer
    client_id: str
    params: str  # those of requestPay, as JSON text
    opened_at: datetime
    page: str = ""  # the address of the shop's page
    full_page: bool = False  # on a phone the window takes the place of the shop's page
    key_id: str = ""  # of the key pair whose window it is; empty: the merchant's first
    taken: bool = False  # the payer has chosen: there is no second time


@dataclass(frozen=True, slots=True)
class Handover(Record):
    """The result that a payer's browser brings to the shop: a form, or an error for the page."""

    KEY: ClassVar[str] = "id"

    id: str  # that of the window
    client_id: str
    return_url: str
    charset: str  # that the form is posted in
    form: tuple[tuple[str, str], ...] | None  # its fields, in order; None: the page is told `error`
    error: tuple[str, str, str] | None = None  # code, msg, errorMsg
    posts: int = 1  # how often the form comes to returnUrl
    delay: timedelta = timedelta()  # before it does
    tid: str = ""
    language: str = "KO"  # of the page that posts it
