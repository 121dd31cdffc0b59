"""Masks text before it is kept: no secret or card data reaches the journal, a log or an error."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from math import isfinite
from typing import Any

from mock_nicepay.contract.credentials import Login

_SECRET_NAMES = re.compile(
    r"secret|password|passwd|card_?(no|num|pw|exp)|encdata|idno|birth|track2|cavv|cvc|cvv|authorization"
    r"|exp_?(year|month)|token$|api[-_]?key|cookie|admin-key|refundaccount|^(pw|pin|auth)$",
    re.IGNORECASE,
)
# A payer's telephone, e-mail and cash receipt number: masked so that they can still be recognised.
_PERSONAL_NAMES = re.compile(r"^buyer_?(?:tel|email)$|receipt_?no$", re.IGNORECASE)
_SECRET_PAIR = re.compile(
    r"((?:secret|password|encdata|card|idno|birth|cvc|cvv|token|api[-_]?key|buyer_?tel|buyer_?email|receipt_?no)\w{0,40}[\"']?\s{0,99}[:=]\s{0,99}[\"']?)"
    r"[^\s\"'&,}]+",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"\b(basic|bearer)(\s{1,9}|\+|%20)[A-Za-z0-9+/=._%-]{16,}", re.IGNORECASE)
_LIVE_KEY = re.compile(r"(?<![0-9A-Za-z])(R[12]_[0-9A-Za-z]{2})[0-9A-Za-z]{4,}", re.IGNORECASE)
_PAIRED = re.compile(r"[:=]")
# The beginning of `_SECRET_PAIR`, for a quick check of a lower-cased ASCII text.
_PAIR_LIKE = re.compile(
    r"(?:secret|password|encdata|card|idno|birth|cvc|cvv|token|api[-_]?key|buyer_?(?:tel|email)|receipt_?no)"
    r"\w{0,40}[\"']?\s{0,99}[:=]"
)
# Business numbers are public. A receipt's other numbers are mobile ones: 010, or 10 without the zero.
_BUSINESS_NUMBER = re.compile("(?:1[1-9]|[2-9][0-9])[0-9]{8}")
# Quick checks that miss nothing which the patterns below find. The first begins with a character class
# that matches at few places, and needs a character in front of the text; the others are for texts
# that contain their first word.
_CARD_LIKE = re.compile(r"[^0-9A-Za-z](?=\d{4}(?:[- +]|%20)?\d{4}(?:(?:[- +]|%20)?\d{2}){3})")
_LOGIN_LIKE = re.compile(r"[Bb](?:[Aa][Ssſ][Iiı][Cc]|[Ee][Aa][Rr][Ee][Rr])(?:\s|\+|%20)")
_LIVE_LIKE = re.compile(r"[Rr][12]_")
_BARE_KEY = re.compile(r"[0-9a-f]{32}")
# Card numbers of 16 or 15 digits, of 14 digits beginning with 3 (others are dates) and of 17 to 19
# digits beginning with 62; in groups as on the card, or without.
_CARD_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"\d{4}((?:[- +]|%20)?)\d{4}\1\d{4}\1\d{4}"
    r"|\d{4}((?:[- +]|%20)?)\d{6}\2\d{5}"
    r"|3\d{3}((?:[- +]|%20)?)\d{6}\3\d{4}"
    r"|62\d{15,17}"
    r")(?![0-9A-Za-z])"
)
_SHORTEST = 9  # characters; a shorter text cannot look like a secret
_SMALL = 10**13  # a smaller number has fewer digits than a card number
_ORDINARY_NAME = 32  # letters; there are few such names, so their results are cached
_ORDINARY_NAMES = 1024  # letters of all names of one object together
_APART = "\0"  # separates texts that are checked together; no pattern matches it
_NO_NAMES: frozenset[str] = frozenset()
_LOOKED_AT = 10_000  # characters; longer texts get no quick check
_KEPT_HEADERS = 100  # headers of a request that an entry keeps,
_KEPT_NAME = 200  # characters of a header's name,
_KEPT_HEADER = 2000  # and of its value
_DEEPEST = 50  # levels of a JSON value that are kept
HIDDEN = "********"


def mask_login(login: Login) -> str:
    """An Authorization header with its secret half hidden; of a live key the client id is hidden too."""
    if login.scheme == "bearer":
        return f"Bearer {mask_token(login.token)}"
    if login.scheme == "basic" and login.client_id:
        return f"Basic {mask_client_id(login.client_id)}:{HIDDEN}"
    return f"{login.scheme.capitalize()} {HIDDEN}" if login.scheme != "none" else ""


def mask_token(token: str) -> str:
    """The first six characters: enough to tell two tokens apart."""
    return f"{token[:6]}…({len(token)})" if len(token) > 12 else HIDDEN


def mask_client_id(client_id: str) -> str:
    """A client id for display: cut when it looks like a live one, or like a secret key."""
    if _BARE_KEY.fullmatch(client_id.strip().lower()):
        return f"{client_id[:5]}…"
    return scrub(client_id)[:64]


def holds_live_key(*texts: str) -> bool:
    """Whether one of the texts contains something that looks like a live key."""
    return any("_" in text and _LIVE_KEY.search(text) for text in texts)


def mask_headers(
    headers: Mapping[str, str],
    login: Login,
    secrets: tuple[str, ...] = (),
    *,
    plain: bool = False,
) -> dict[str, str]:
    """Request headers as an entry keeps them: cut to size, the login hidden.

    `plain`: the caller has checked that `mask_text` would change none of the other values.
    """
    first = islice(headers.items(), _KEPT_HEADERS)
    kept = {name[:_KEPT_NAME]: value[:_KEPT_HEADER] for name, value in first}
    logs_in = "authorization" in kept
    if logs_in:
        kept["authorization"] = ""
    if secrets or not (plain or is_plain(as_one(kept.values()))):
        kept = {name: _mask_header(name, value, secrets) for name, value in kept.items()}
    else:
        hidden = _secret_among(tuple(kept))
        for name in filter(names_secret, kept) if hidden is None else hidden:
            kept[name] = HIDDEN
    if logs_in:
        kept["authorization"] = mask_login(login)
    return kept


def _mask_header(name: str, value: str, secrets: tuple[str, ...]) -> str:
    return HIDDEN if names_secret(name) else mask_text(value, secrets)


def names_secret(name: str) -> bool:
    """Whether a field or header of that name holds a secret."""
    if len(name) <= _ORDINARY_NAME and (name.isalpha() or name.replace("-", "").isalpha()):
        return _ordinary_names_secret(name)  # cached: only letters, so the name itself is no key
    return _SECRET_NAMES.search(name) is not None


@lru_cache(maxsize=1024)
def _ordinary_names_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def is_harmless(value: Any, secrets: tuple[str, ...] = ()) -> bool:
    """Whether `mask_value` would change nothing; quick for nearly all values."""
    texts: list[str] = []
    return not secrets and _gather(value, texts, _DEEPEST) and not _is_suspect(_APART.join(texts))


def mask_finished(value: Any, secrets: tuple[str, ...] = ()) -> Any:
    """As `mask_value`, but a harmless value is returned itself, not copied.

    For values that do not change any more.
    """
    if secrets or not isinstance(value, dict):
        return value if is_harmless(value, secrets) else mask_value(value, secrets=secrets)
    texts: list[str] = []
    hidden = _secret_among(tuple(value))
    if hidden is None or not _gather_all(value, texts, _DEEPEST, masked=hidden):
        return mask_value(value)
    if texts and _is_suspect(_APART.join(texts)):
        return mask_value(value)
    masked = {name: mask_value(value[name], name) for name in hidden if value[name] is not None}
    return {**value, **masked} if masked else value


def _gather(value: Any, texts: list[str], depth: int) -> bool:
    """Add to `texts` what may look like a secret; False when the value needs `mask_value`.

    It does when it has fields that hold secrets, or is of a rare kind.
    """
    if isinstance(value, str):
        if len(value) >= _SHORTEST:
            texts.append(value)
        return True
    if value is None or value is True or value is False:
        return True
    if isinstance(value, int):
        if not -_SMALL < value < _SMALL:
            texts.append(str(value))
        return True
    if not depth:
        return False
    if isinstance(value, list):
        return all(_gather(inner, texts, depth - 1) for inner in value)
    if not isinstance(value, dict):
        return False
    secret = _secret_among(tuple(value))
    return secret is not None and _gather_all(value, texts, depth, secret)


def _gather_all(
    value: dict[str, Any],
    texts: list[str],
    depth: int,
    secret: frozenset[str] = _NO_NAMES,
    masked: frozenset[str] = _NO_NAMES,
) -> bool:
    """The same for an object. Names in `secret` hold secrets; those in `masked` are masked later."""
    for name, inner in value.items():
        if inner is None or inner is True or inner is False or name in masked:
            continue
        if isinstance(inner, str):
            if name in secret and "*" not in inner:
                return False
            if len(inner) >= _SHORTEST:
                texts.append(inner)
        elif name in secret or not _gather(inner, texts, depth - 1):
            return False
    return True


def _secret_among(names: tuple[str, ...]) -> frozenset[str] | None:
    """The names of an object that hold secrets; None when a name may itself be a secret."""
    together = "".join(names)
    if len(together) > _ORDINARY_NAMES:
        return None
    if together.replace("-", "").isalpha():
        return _secret_among_letters(names)
    if any(len(name) >= _SHORTEST for name in names):
        return None
    return _masked_by_name(names)


@lru_cache(maxsize=256)
def _secret_among_letters(names: tuple[str, ...]) -> frozenset[str]:
    return _masked_by_name(names)


def _masked_by_name(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name in names if names_secret(name) or _PERSONAL_NAMES.search(name))


def mask_value(
    value: Any, name: str = "", secrets: tuple[str, ...] = (), depth: int = _DEEPEST
) -> Any:
    """A JSON value with the values of secret fields hidden and card numbers masked, at any depth."""
    if isinstance(value, str):
        return _mask_scalar(value, name, secrets)
    if isinstance(value, dict | list) and not depth:
        return "… (nested too deeply)"
    if isinstance(value, dict):
        if name and names_secret(name):
            return HIDDEN
        return {
            scrub(without(secrets, key)) if secrets or len(key) >= _SHORTEST else key: (
                mask_value(inner, key, secrets, depth - 1)
            )
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [mask_value(inner, name, secrets, depth - 1) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    shown = _mask_scalar(str(value), name, secrets)
    is_json = not isinstance(value, float) or isfinite(value)  # NaN is not JSON
    return value if is_json and shown == str(value) else shown


def _mask_scalar(text: str, name: str, secrets: tuple[str, ...]) -> str:
    if secrets:
        text = without(secrets, text)
    if name and "*" not in text:
        if names_secret(name):
            return mask_token(text) if name == "accessToken" else HIDDEN
        if _PERSONAL_NAMES.search(name):
            return _mask_person(name, scrub(text))
    return scrub(text)


def _mask_person(name: str, text: str) -> str:
    """A payer's number or e-mail with its middle hidden: 010****5678, 010-****-5678, h***@shop.kr."""
    user, at, domain = text.partition("@")
    if at:
        return f"{user[:1]}***@{domain}"
    if name[-2:].lower() == "no" and _BUSINESS_NUMBER.fullmatch(text):
        return text
    shown = 3 if len(text) >= _SHORTEST else 0
    return text[:shown] + re.sub(r"\d", "*", text[shown:-4]) + text[-4:]


def mask_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Text that is not JSON, with possible secrets and card numbers hidden."""
    if secrets:
        text = without(secrets, text)
    if not text or not is_suspect_text(text):
        return text
    scrubbed = scrub(text)
    return _SECRET_PAIR.sub(rf"\1{HIDDEN}", scrubbed) if _PAIRED.search(scrubbed) else scrubbed


def without(secrets: tuple[str, ...], text: str) -> str:
    """The text with every occurrence of these secrets hidden."""
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text


def scrub(text: str) -> str:
    """The text with card numbers, live keys and logins masked."""
    if len(text) < _SHORTEST or not _is_suspect(text):
        return text
    text = _CARD_NUMBER.sub(_first_and_last, text)
    text = _LIVE_KEY.sub(r"\1…", text)
    return _LOGIN.sub(rf"\1 {HIDDEN}", text)


def as_one(texts: Iterable[str]) -> str:
    """Several texts joined to one, to be checked together; the joining creates no new match."""
    return _APART.join(texts)


def is_plain(text: str) -> bool:
    """Whether a quick check shows that `mask_text` would change nothing, in any part of `as_one`."""
    return len(text) <= _LOOKED_AT and not is_suspect_text(text)


def is_suspect_text(text: str) -> bool:
    """Whether `mask_text` might change the text; False is certain."""
    folded = _folded(text)
    if _is_suspect(text, folded):
        return True
    return (_PAIR_LIKE.search(folded) if text.isascii() else _PAIRED.search(text)) is not None


def _folded(text: str) -> str:
    """The text with ASCII in lower case and all else as bytes, in which words are found quickly."""
    if text.isascii():
        return text.lower()
    return text.encode("utf-8", "surrogatepass").lower().decode("latin-1")


def _is_suspect(text: str, folded: str = "") -> bool:
    """Whether the text may hold a secret: a quick check, as most texts have nothing to hide."""
    folded = folded or _folded(text)
    if ("basic" in folded or "bearer" in folded) and _LOGIN_LIKE.search(text):
        return True
    if ("r1_" in folded or "r2_" in folded) and _LIVE_LIKE.search(text):
        return True
    text = _APART + text
    return _CARD_LIKE.search(text) is not None and any(
        _CARD_NUMBER.match(text, place.end()) for place in _CARD_LIKE.finditer(text)
    )


def _first_and_last(card: re.Match[str]) -> str:
    digits = re.sub(r"%20|\D", "", card[0])
    return f"{digits[:6]}******{digits[-4:]}"
