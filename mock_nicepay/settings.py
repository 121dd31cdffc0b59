"""Every setting of a sandbox: one table of name, default, meaning and the form it is written in.

An argument wins over the environment (`MOCK_NICEPAY_<NAME>`), the environment over the default.
This is the only module that reads the environment.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from pathlib import PurePath
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mock_nicepay.contract.editions import EDITIONS, RECEIPT_PAGE, Edition
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.contract.times import ClockSetting, parse_clock
from mock_nicepay.setting_forms import (
    address,
    ending,
    header_key,
    hosts,
    lifetime,
    names,
    one_number,
    one_of,
    store_url,
    targets,
    whole,
    within,
    yes_no,
)

PREFIX = "MOCK_NICEPAY_"
DEFAULT_SEED = 20211105
T = TypeVar("T")


class SettingError(ValueError):
    """A setting with an impossible value, or one that does not exist."""


def _setting(
    default: T,
    help_: str,
    read: Callable[[str], Any],
    form: str,
    *,
    many: bool = False,
    secret: bool = False,
) -> T:
    """One row of the table; a secret is not shown when settings are printed."""
    row = {"help": help_, "read": read, "form": form, "many": many}
    value: T = field(default=default, metadata=row, repr=not secret)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one sandbox. `None` for a switch: whatever the edition says."""

    host: str = _setting("127.0.0.1", "address to listen on", str, "ADDRESS")
    port: int = _setting(8090, "port to listen on; 0 takes a free one", whole(0, 65535), "PORT")
    scenario: tuple[str, ...] = _setting(
        (),
        "a ready-made scenario, or a file; several are stacked",
        names,
        "NAME_OR_PATH",
        many=True,
    )
    edition: str = _setting(
        "union",
        "which published text wins where they differ",
        one_of(*EDITIONS),
        "|".join(EDITIONS),
    )
    sandbox_limits: bool = _setting(
        False,
        "refuse what NICEPAY's own sandbox refuses (partial cancels), and answer its fixed values",
        yes_no,
        "yes|no",
    )
    store: str = _setting(
        "memory://",
        "where records are kept: memory://, sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        store_url,
        "URL",
        secret=True,
    )
    workers: int = _setting(
        1,
        "processes that serve on the port; more than one share a store on PostgreSQL",
        whole(1, 64),
        "N",
    )
    clock: ClockSetting = _setting(
        ClockSetting(),
        "the time: real, a time to stand still at, or +2h / -2h",
        parse_clock,
        "real|ISO_TIME|OFFSET",
    )
    seed: int = _setting(
        DEFAULT_SEED,
        "seed of all invented ids, tokens and people",
        whole(-(2**63), 2**63),
        "N",
    )
    admin_key: str = _setting(
        "", "key that the control plane and the console ask for", header_key, "KEY", secret=True
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        "a further host name by which console and control plane may be called, such as *.test",
        hosts,
        "NAME",
        many=True,
    )
    log: str = _setting(
        "human",
        "one line for each call, on stderr",
        one_of("human", "json", "quiet"),
        "human|json|quiet",
    )
    merchants: tuple[str, ...] = _setting(
        (),
        "a file with more merchants, in the form of fixtures/merchants.yaml",
        names,
        "FILE",
        many=True,
    )
    plans: str = _setting(
        "",
        "a file of card offers in place of those in fixtures/plans.yaml, in the same form",
        str,
        "FILE",
    )
    journal_size: int = _setting(
        1000, "calls that a merchant's journal keeps", whole(1, 100_000), "N"
    )
    body_limit: int = _setting(
        1_048_576, "largest request body in bytes", whole(1024, 2**30), "BYTES"
    )
    connection_limit: int = _setting(
        4096,
        "connections served at once, within the system's limit on open files",
        whole(16, 100_000),
        "N",
    )
    merchant_limit: int = _setting(
        50_000, "merchants that POST /_mock/merchants adds at most", whole(1, 10_000_000), "N"
    )
    journal_bytes: int = _setting(
        8_388_608,
        "bytes of bodies above 1 KiB that a merchant's journal keeps",
        whole(65_536, 2**40),
        "BYTES",
    )
    allow_targets: tuple[str, ...] = _setting(
        (),
        "a host that webhooks and callbacks may go to: a name, *.test, an address, a network or *",
        targets,
        "HOST",
        many=True,
    )
    token_key: str = _setting(
        "",
        "signs the claims behind access tokens; by default a key kept in the store",
        str,
        "KEY",
        secret=True,
    )
    # Recorded (token.lifetime): 30 minutes in the record of 2023 and on every page; the record of
    # 2021 shows days, an older policy.
    token_lifetime: timedelta = _setting(
        timedelta(minutes=30), "how long an access token lives", lifetime, "DURATION"
    )
    token_digits: int = _setting(
        40, "hex digits of an access token", one_number("40", "64"), "40|64"
    )
    bearer_for_token: bool | None = _setting(
        None, "accept a live token at the access-token call", yes_no, "yes|no"
    )
    expiry_key: str | None = _setting(
        None,
        "name of a token's expiry in the answer",
        one_of("expireAt", "expiredAt", "both"),
        "expireAt|expiredAt|both",
    )
    charset_from: str | None = _setting(
        None,
        "where the access-token call reads returnCharSet",
        one_of("query", "body", "both"),
        "query|body|both",
    )
    message_source: bool | None = _setting(
        None, "end a payment's answer with messageSource", yes_no, "yes|no"
    )
    # Assumed (webhook.delay): the first try leaves at once; E26 sends the events of hosted payments
    # and of issued accounts so, all others from a job that runs each minute.
    webhook_delay: timedelta = _setting(
        timedelta(), "from an event to the first try of its webhook", within("1d"), "DURATION"
    )
    webhook_interval: timedelta = _setting(
        timedelta(minutes=1), "from one try of a webhook to the next", within("1d"), "DURATION"
    )
    webhook_attempts: int = _setting(
        10, "tries of a webhook, the first included", whole(1, 1000), "N"
    )
    webhook_timeout: timedelta = _setting(
        timedelta(seconds=15), "real time a webhook has for its answer", within("10m"), "DURATION"
    )
    magic_values: bool = _setting(
        True,
        "let an orderId or goodsName such as mock:3011 ask for a result code or a fault",
        yes_no,
        "yes|no",
    )
    tid_signs_find: bool | None = _setting(
        None,
        "take signData made from the tid at the look-up by orderId, too",
        yes_no,
        "yes|no",
    )
    public_url: str = _setting(
        "",
        "address at which browsers reach the pages, when it differs from the Host header",
        address,
        "URL",
    )
    # Documented (checkout.lifetime): one day; one hour for some merchants (E26).
    session_lifetime: timedelta = _setting(
        timedelta(days=1), "how long a checkout session lives", lifetime, "DURATION"
    )
    session_keys: str | None = _setting(
        None,
        "name of a checkout session's status in its answers, with the other keys of that time",
        one_of("status", "apprStatus", "both"),
        "status|apprStatus|both",
    )
    session_id_bytes: int | None = _setting(
        None, "longest sessionId of a checkout, in bytes", one_number("64", "256"), "64|256"
    )
    checkout_goods_bytes: int | None = _setting(
        None, "longest goodsName of a checkout, in bytes", one_number("40", "100"), "40|100"
    )
    checkout_url_bytes: int | None = _setting(
        None, "longest returnUrl of a checkout, in bytes", one_number("500", "2500"), "500|2500"
    )
    fake_auth: bool | None = _setting(
        None, "let a checkout with fakeAuth have NICEPAY's dummy page", yes_no, "yes|no"
    )
    session_in_lookups: bool | None = _setting(
        None,
        "show a checkout payment's sessionId at look-ups and cancels by tid and orderId, too",
        yes_no,
        "yes|no",
    )
    hours_before_date: bool | None = _setting(
        None, "let vbankValidHours win over vbankExpDate", yes_no, "yes|no"
    )
    # Documented (card.unchecked): the sandbox does not check number and expiry (E26 info-sandbox).
    card_checks: bool = _setting(
        False, "refuse typed-in cards with a wrong check digit or a past expiry", yes_no, "yes|no"
    )
    regist_keys: str | None = _setting(
        None,
        "spelling of a card registration's answer: resultCode, bid or ResultCode, BID",
        one_of("camel", "pascal"),
        "camel|pascal",
    )
    deleted_bid: str | None = _setting(
        None, "code for deleting a bid that is gone already", one_of("U309", "U115"), "U309|U115"
    )
    bid_status: bool | None = _setting(
        None, "serve the status of a bid, POST /v1/subscribe/{bid}/status", yes_no, "yes|no"
    )
    beta_dates: bool | None = _setting(
        None, "let reconciliation take the beta's startDate, endDate and times", yes_no, "yes|no"
    )
    webhook_answer: str | None = _setting(
        None,
        "what a webhook's receiver must answer: OK, OK as text/html, or something with OK in it",
        one_of("exact", "html", "contains"),
        "exact|html|contains",
    )
    sandbox_webhooks: bool | None = _setting(
        None, "with --sandbox-limits serve the calls on webhooks, too", yes_no, "yes|no"
    )
    auto_pay: str = _setting(
        "",
        "let every payment window end by itself: approve, decline, decline:3011, close or timeout",
        ending,
        "OUTCOME",
    )
    receipt_links: str | None = _setting(
        None,
        "where receiptUrl leads: npg.nicepay.co.kr as recorded, or a page of this server",
        one_of("recorded", "local"),
        "recorded|local",
    )
    # Documented (http.statuses): E26 code page; the older editions know no 403 and 404.
    http_statuses: bool = _setting(
        True,
        "answer 401, 403, 404, 405 as the newest edition does; no: always 200",
        yes_no,
        "yes|no",
    )
    self_check: bool = _setting(
        False, "raise an error when an answer breaks its declared shape or limits", yes_no, "yes|no"
    )

    @classmethod
    def read(
        cls, arguments: Mapping[str, Any], environment: Mapping[str, str] | None = None
    ) -> "Settings":
        """Settings from arguments (text, or values of the right type) over the environment.

        An argument of None was not given. Raises `SettingError` for an unknown name or a bad value.
        """
        environment = os.environ if environment is None else environment
        known = {row.name: row for row in fields(cls)}
        for name in arguments:
            if name not in known:
                hint = did_you_mean(name, known)
                raise SettingError(f"there is no setting {name!r}{hint and f'; {hint}'}")
        values = {}
        for name, row in known.items():
            given, said_as = arguments.get(name), f"--{name.replace('_', '-')}"
            if given is None or given == ():
                given, said_as = environment.get(PREFIX + name.upper()), PREFIX + name.upper()
            if given is not None:
                values[name] = _value(row, given, said_as)
        return cls(**values)

    def switches(self, edition: str = "", address: str = "") -> Edition:
        """The edition's readings, with every switch that is set by itself.

        `address` is where a server of ours listens; empty: nobody knows, or there is none.
        """
        base = EDITIONS[edition or self.edition]
        here = self.public_url or address
        local = (self.receipt_links or base.receipt_links) == "local" and here
        return base.with_switches(
            bearer_for_token=self.bearer_for_token,
            expiry_key=self.expiry_key,
            charset_from=self.charset_from,
            message_source=self.message_source,
            tid_signs_find=self.tid_signs_find,
            session_keys=self.session_keys,
            session_id_bytes=self.session_id_bytes,
            checkout_goods_bytes=self.checkout_goods_bytes,
            checkout_url_bytes=self.checkout_url_bytes,
            fake_auth=self.fake_auth,
            session_in_lookups=self.session_in_lookups,
            hours_before_date=self.hours_before_date,
            regist_keys=self.regist_keys,
            deleted_bid=self.deleted_bid,
            bid_status=self.bid_status,
            beta_dates=self.beta_dates,
            webhook_answer=self.webhook_answer,
            sandbox_webhooks=self.sandbox_webhooks,
            receipt_links=self.receipt_links,
            receipts_at=f"{here}{RECEIPT_PAGE}" if local else None,
        )


def _value(row: "Field[Any]", given: Any, said_as: str) -> Any:
    """One setting from its text, or from a value of its own type."""
    if row.metadata["many"] and isinstance(given, list | tuple):
        return tuple(map(str, given))
    if isinstance(given, str | int | PurePath):
        try:
            return row.metadata["read"](str(given))
        except ValueError as error:
            raise SettingError(f"{said_as}: {error}") from None
    if isinstance(given, type(row.default)):
        return given
    form = row.metadata["form"]
    raise SettingError(f"{said_as}: {type(given).__name__} is not understood; write {form}")


def environment_for(
    url: str, client_id: str, secret_key: str, admin_key: str = ""
) -> dict[str, str]:
    """The environment of a command that is to find this server (`mock-nicepay run`)."""
    here = urlsplit(url).hostname or ""
    past_proxies = {
        name: ",".join(filter(None, (os.environ.get(name), here)))
        for name in ("NO_PROXY", "no_proxy")
    }
    return {
        **os.environ,
        **past_proxies,
        **({f"{PREFIX}ADMIN_KEY": admin_key} if admin_key else {}),
        "NICEPAY_BASE_URL": url,
        "NICEPAY_CLIENT_ID": client_id,
        "NICEPAY_SECRET_KEY": secret_key,
        "NICEPAY_JS_URL": f"{url}/v1/js/",
        f"{PREFIX}URL": url,  # for the fixtures of our own pytest plugin
    }


def running_server_url() -> str:
    """The address in MOCK_NICEPAY_URL: tests use that server instead of starting one."""
    return os.environ.get(f"{PREFIX}URL", "").rstrip("/")
