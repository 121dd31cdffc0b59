"""The webhook addresses of merchants, one for each payment method, and what they must answer."""

from collections.abc import Iterable
from dataclasses import replace

from mock_nicepay.contract import charsets
from mock_nicepay.contract.charsets import EUC_KR, UTF_8
from mock_nicepay.contract.methods import WEBHOOK_METHODS
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.contract.target import target_of
from mock_nicepay.core.journal.masking import mask_text
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.outgoing.parcel import Sent
from mock_nicepay.core.records import WebhookUrl
from mock_nicepay.core.store import Store

ALL = "all"
WORDS = (ALL, *WEBHOOK_METHODS)
_SHOWN = 60  # characters of a body that a reason quotes
_SHORTEST_SECRET = 8  # characters; a shorter one would match by chance


def key_of(client_id: str, method: str) -> str:
    """The key of a merchant's address for one payment method."""
    return f"{client_id}/{method}"


def methods_of(word: str) -> tuple[str, ...]:
    """The payment methods that a `method` of the webhook calls means; `all` means four."""
    return WEBHOOK_METHODS if word == ALL else (word,)


def registered(store: Store, client_id: str) -> list[WebhookUrl]:
    """A merchant's addresses, in the order of the payment methods."""
    rows = {row.method: row for row in store.find(WebhookUrl, client_id)}
    return [rows[method] for method in WEBHOOK_METHODS if method in rows]


def put_addresses(
    store: Store, client_id: str, word: str, url: str, manager_email: str | None = None
) -> None:
    """Send the events of one method, or of all, to `url` from now on."""
    with store.transaction(client_id):
        for method in methods_of(word):
            key = key_of(client_id, method)
            store.put(WebhookUrl(key, client_id, method, url, manager_email))


def delete_addresses(store: Store, client_id: str, word: str) -> None:
    """Stop sending the events of one method, or of all."""
    with store.transaction(client_id):
        for row in registered(store, client_id):
            if row.method in methods_of(word):
                store.delete(row)


def checked_word(word: object) -> str:
    """Check a `method` given to the control plane. Raises `Misuse`."""
    if word in WORDS:
        return str(word)
    hint = did_you_mean(word, WORDS, f"it is one of {', '.join(WORDS)}")
    raise Misuse(f"method is {str(word)[:40]!r}; {hint}")


def checked_url(url: object) -> str:
    """Check an address given to the control plane. Raises `Misuse`."""
    try:
        target_of(str(url))
    except ValueError as error:
        raise Misuse(f"url: {error}") from None
    return str(url)


def as_shown(sent: Sent, keys: Iterable[str]) -> Sent:
    """A receiver's answer with the merchant's secret keys masked.

    Masked before it is cut: a key that is cut in two would not be recognised.
    """
    secrets = tuple(key for key in keys if len(key) >= _SHORTEST_SECRET)
    text = mask_text(_text_of(sent.body), secrets)
    return replace(
        sent,
        body=charsets.encode(text, UTF_8),
        problem=mask_text(sent.problem, secrets),
        location=mask_text(sent.location, secrets),
    )


def _text_of(body: bytes) -> str:
    """The body as UTF-8, or as EUC-KR if it fits better: many shops' servers write errors so."""
    texts = (charsets.decode(body, charset) for charset in (UTF_8, EUC_KR))
    return min(texts, key=lambda text: text.count("\ufffd"))


def failure_of(sent: Sent, wanted: str = "exact") -> str:
    """Why an answer does not accept the event, and which one would; empty when it does.

    `wanted` is the edition's `webhook_answer`.
    Documented (webhook.accepted): HTTP 200 and a body that is OK after trimming, in any case; 201,
    204 and longer bodies fail, redirects are not followed (E26; K25 wants text/html, E24 a body
    that contains OK).
    """
    if sent.problem:
        return sent.problem
    if sent.status and 300 <= sent.status < 400:
        return (
            f"HTTP {sent.status} leads to {sent.location[:200] or 'another place'}, and redirects "
            "are not followed: register the address that answers HTTP 200 itself"
        )
    if sent.status != 200:
        return f"HTTP {sent.status}; it must be HTTP 200 with the body OK"
    text = charsets.decode(sent.body, UTF_8)
    if wanted == "contains" and "OK" in text.upper():
        return ""
    if text.strip().upper() == "OK":
        return _media_flaw(sent) if wanted == "html" else ""
    if not text.strip():
        return "the body is empty; it must be OK"
    more = "…" if len(text) > _SHOWN else ""
    rest = "have OK in it" if wanted == "contains" else "be OK and nothing else"
    return f"the body is {text[:_SHOWN] + more!r}; it must {rest}"


def _media_flaw(sent: Sent) -> str:
    if sent.media == "text/html":
        return ""
    said = f"is {sent.media!r}" if sent.media else "is not there"
    return f"the Content-Type {said}; it must be text/html (--webhook-answer)"
