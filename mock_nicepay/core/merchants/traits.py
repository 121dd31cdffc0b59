"""Merchants as JSON: the form of a seed file's entry and of POST /_mock/merchants."""

import re
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import STRANGER, KeyPair, Merchant
from mock_nicepay.core.seed_files import texts_in

_WINDOWS = ("server", "client")
_AUTH_TYPES = ("any", "basic", "token")
_RECURRING = ("yes", "no", "suspended", "terminated")
_KEY_IN = ("enabled", "disabled", "unregistered")
_CARD_FIELDS = ("none", "birth", "all")
_PAY_OUTS = ("KRW", "USD")
_MOST_RULES = 1000  # rules of an allow list
KEYS = (
    *("clientId", "secretKey", "window", "authType", "name", "mid", "allow", "edition"),
    *("otherSecretKey", "repeatsOrderIds", "recurring", "keyIn", "cardFields"),
    "settlementCurrency",
)
PAIR_KEYS = ("clientId", "secretKey", "window", "authType")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_SECRET = re.compile(r"[\x21-\x39\x3b-\x7e]{1,100}")  # visible ASCII without the colon


def merchant_of(entry: Any, identity: Identity, where: str = "") -> Merchant:
    """A merchant from its JSON form; missing values are invented.

    Raises `Misuse` naming the key, what was expected and, with `where`, the place.
    """
    _check_keys(entry, KEYS, "a merchant", where)
    window = _word(entry, "window", _WINDOWS, where)
    client_id = _client_id(entry, where) or identity.client_id(window)
    return Merchant(
        client_id=client_id,
        secret_key=_secret(entry, "secretKey", where) or identity.secret_key(),
        window=window,
        auth_type=_word(entry, "authType", _AUTH_TYPES, where),
        name=str(entry.get("name") or "")[:200],
        mid=_text(entry, "mid", re.compile(r"[A-Za-z0-9]{9}m"), "10 characters ending in m", where)
        or identity.mid(),
        allow=_networks(entry.get("allow"), where),
        edition=_word(entry, "edition", ("", *EDITIONS), where),
        # A stream of its own, so that asking for it does not change other invented keys.
        other_secret_key=_secret(entry, "otherSecretKey", where)
        or Identity(identity.seed, f"other key of {client_id}").secret_key(),
        repeats_order_ids=_flag(entry, "repeatsOrderIds", where),
        recurring=_word(entry, "recurring", _RECURRING, where),
        key_in=_word(entry, "keyIn", _KEY_IN, where),
        card_fields=_word(entry, "cardFields", _CARD_FIELDS, where),
        settlement_currency=_word(entry, "settlementCurrency", _PAY_OUTS, where),
    )


def key_pair_of(entry: Any, merchant: Merchant, identity: Identity) -> KeyPair:
    """A further key pair of a merchant from its JSON form; missing values are invented.

    Raises `Misuse` naming the key and what was expected.
    """
    _check_keys(entry, PAIR_KEYS, "a key pair", "")
    window = _word(entry, "window", _WINDOWS, "")
    return KeyPair(
        client_id=_client_id(entry, "") or identity.client_id(window),
        merchant_id=merchant.client_id,
        secret_key=_secret(entry, "secretKey", "") or identity.secret_key(),
        window=window,
        auth_type=_word(entry, "authType", _AUTH_TYPES, ""),
    )


def merchants_in(path: Path, identity: Identity) -> list[Merchant]:
    """The merchants of a seed file. Raises `Misuse` naming file and entry."""
    data = texts_in(path, "a merchants file")
    rows = data.get("merchants") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise Misuse(
            f"{path}: expected a key `merchants` with a list, as in fixtures/merchants.yaml"
        )
    found: dict[str, Merchant] = {}
    for number, row in enumerate(rows, 1):
        merchant = merchant_of(row, identity, f"{path}, entry {number}: ")
        if merchant.client_id in found:
            raise Misuse(
                f"{path}, entry {number}: the client id {merchant.client_id} is given twice"
            )
        found[merchant.client_id] = merchant
    return list(found.values())


def with_allow(merchant: Merchant, rules: Any) -> Merchant:
    """The merchant with another allow list. Raises `Misuse` for what is not a list of CIDR rules."""
    return replace(merchant, allow=_networks(rules, ""))


def key_json(key: Merchant) -> dict[str, Any]:
    """A key pair as the control plane shows it; `key` is its merchant seen through it."""
    return {
        "clientId": key.calling_id,
        "secretKey": key.secret_key,
        "window": key.window,
        "authType": key.auth_type,
        "merchant": key.client_id,
    }


def to_json(merchant: Merchant) -> dict[str, Any]:
    """A merchant as the control plane shows it to its owner, keys and all."""
    return {
        "clientId": merchant.client_id,
        "secretKey": merchant.secret_key,
        "window": merchant.window,
        "authType": merchant.auth_type,
        "name": merchant.name or None,
        "mid": merchant.mid,
        "allow": [str(network) for network in merchant.allow],
        "edition": merchant.edition or None,
        "otherSecretKey": merchant.other_secret_key,
        "repeatsOrderIds": merchant.repeats_order_ids,
        "recurring": merchant.recurring,
        "keyIn": merchant.key_in,
        "cardFields": merchant.card_fields,
        "settlementCurrency": merchant.settlement_currency,
    }


def _check_keys(entry: Any, keys: tuple[str, ...], what: str, where: str) -> None:
    if not isinstance(entry, Mapping):
        raise Misuse(f"{where}{what} is a JSON object with the keys {', '.join(keys)}")
    for key in entry:
        if key not in keys:
            hint = did_you_mean(key, keys, f"it has {', '.join(keys)}")
            raise Misuse(f"{where}{what} has no {str(key)[:40]!r}; {hint}")


def _client_id(entry: Mapping[str, Any], where: str) -> str:
    client_id = _text(entry, "clientId", _ID, "1 to 50 letters, digits, _ . -", where)
    if client_id == STRANGER:
        raise Misuse(
            f"{where}clientId must not be {STRANGER!r}: that is the name of unknown callers"
        )
    return client_id


def _word(entry: Mapping[str, Any], key: str, words: tuple[str, ...], where: str) -> str:
    value = entry.get(key)
    if value is None:
        return words[0]
    if value not in words:
        raise Misuse(
            f"{where}{key} is {str(value)[:40]!r}; expected one of {', '.join(w for w in words if w)}"
        )
    return str(value)


def _flag(entry: Mapping[str, Any], key: str, where: str) -> bool:
    """Read true or false; in a file of merchants they are texts."""
    value = entry.get(key)
    if value is None or value is False or value == "false":
        return False
    if value is True or value == "true":
        return True
    raise Misuse(f"{where}{key} is {str(value)[:40]!r}; expected true or false")


def _text(entry: Mapping[str, Any], key: str, form: re.Pattern[str], words: str, where: str) -> str:
    value = entry.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not form.fullmatch(value):
        raise Misuse(f"{where}{key} must be {words}")
    return value


def _secret(entry: Mapping[str, Any], key: str, where: str) -> str:
    return _text(entry, key, _SECRET, "1 to 100 visible ASCII characters, no colon", where)


def _networks(value: Any, where: str) -> tuple[Any, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Misuse(f"{where}allow must be a list of CIDR rules such as 10.0.0.0/8")
    if len(value) > _MOST_RULES:
        raise Misuse(f"{where}allow has {len(value)} rules; {_MOST_RULES} are taken at most")
    try:
        return tuple(ip_network(str(rule), strict=False) for rule in value)
    except ValueError as error:
        raise Misuse(
            f"{where}allow: {str(error)[:200]}; write CIDR rules such as 10.0.0.0/8 or 127.0.0.1"
        ) from None
