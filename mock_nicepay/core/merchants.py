"""Merchants from the outside: the form of a seed file's entry and of POST /_mock/merchants."""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import STRANGER, Merchant

_WINDOWS = ("server", "client")
_AUTH_TYPES = ("any", "basic", "token")
KEYS = (
    *("clientId", "secretKey", "window", "authType", "name", "mid", "allow", "edition"),
    *("otherSecretKey", "repeatsOrderIds"),
)
_ID = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_SECRET = re.compile(r"[\x21-\x39\x3b-\x7e]{1,100}")  # visible ASCII without the colon


def merchant_of(entry: Any, identity: Identity, where: str = "") -> Merchant:
    """A merchant from its JSON form; what is not given is invented.

    Raises `Misuse` naming the key, what was expected and, with `where`, the place.
    """
    if not isinstance(entry, Mapping):
        raise Misuse(f"{where}a merchant is a JSON object with the keys {', '.join(KEYS)}")
    for key in entry:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(KEYS)}"
            raise Misuse(f"{where}a merchant has no {str(key)[:40]!r}; {hint}")
    window = _word(entry, "window", _WINDOWS, where)
    client_id = _text(
        entry, "clientId", _ID, "1 to 50 letters, digits, _ . -", where
    ) or identity.client_id(window)
    if client_id == STRANGER:
        raise Misuse(
            f"{where}clientId must not be {STRANGER!r}: that is the name of unknown callers"
        )
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
        # A stream of its own: whether it is asked for changes no other key.
        other_secret_key=_secret(entry, "otherSecretKey", where)
        or Identity(identity.seed, f"other key of {client_id}").secret_key(),
        repeats_order_ids=_flag(entry, "repeatsOrderIds", where),
    )


def merchants_in(path: Path, identity: Identity) -> list[Merchant]:
    """The merchants of a seed file. Raises `Misuse` naming file and entry."""
    try:
        # Nothing is guessed: a secret key of digits stays the text it is.
        data = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misuse(
            f"{path}: cannot be read as a merchants file: {' '.join(str(error).split())[:200]}"
        ) from None
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
    """The merchant with another allow list. Raises `Misuse` for what is no list of CIDR rules."""
    return replace(merchant, allow=_networks(rules, ""))


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
    }


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
    """True or false; a file of merchants has them as text."""
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
    try:
        return tuple(ip_network(str(rule), strict=False) for rule in value[:1000])
    except ValueError as error:
        raise Misuse(
            f"{where}allow: {error}; write CIDR rules such as 10.0.0.0/8 or 127.0.0.1"
        ) from None
