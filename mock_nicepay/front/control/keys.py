"""The control plane's actions on key pairs and the IP allow list, which NICEPAY's admin page manages."""

from ipaddress import ip_address
from typing import Any

from mock_nicepay.contract.tables import result_code
from mock_nicepay.core.login.doorkeeper import rule_for
from mock_nicepay.core.merchants import traits as merchants
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox

_NOT_ALLOWED = "U315"


def list_keys(sandbox: Sandbox, asked: Asked) -> Any:
    """List the key pairs of one merchant, or of all."""
    return {"keys": [merchants.key_json(key) for key in sandbox.keys.living(asked.merchant)]}


def add_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Add a key pair to a merchant; it shares all of the merchant's records."""
    return merchants.key_json(sandbox.keys.add(_one_merchant(asked), asked.object()))


def reissue_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Give a key pair a new secret key; the old one and its tokens are no longer accepted."""
    asked.nothing()
    return merchants.key_json(sandbox.keys.reissue(_key(sandbox, asked)))


def delete_key(sandbox: Sandbox, asked: Asked) -> Any:
    """Delete a key pair, but not the last one; the merchant's records stay."""
    asked.nothing()
    return {"deleted": sandbox.keys.delete(_key(sandbox, asked)).calling_id}


def put_allow(sandbox: Sandbox, asked: Asked) -> Any:
    """Set the addresses from which one merchant may call: CIDR rules, [] for everywhere."""
    owner = _one_merchant(asked)
    rules = asked.words("allow").get("allow")
    if rules is None:
        raise Misuse('say {"allow": ["10.0.0.0/8"]}, or {"allow": []} for everywhere')
    return merchants.to_json(sandbox.set_allow(owner, rules))


def try_allow(sandbox: Sandbox, asked: Asked) -> Any:
    """Test whether a merchant's allow list admits a call from `address`, and by which rule."""
    merchant = sandbox.merchant(_one_merchant(asked))
    address = str(asked.words("address").get("address", ""))
    try:
        ip_address(address)
    except ValueError:
        raise Misuse(f'address is {address[:60]!r}; say {{"address": "10.1.2.3"}}') from None
    rule = rule_for(merchant, address)
    allowed = not merchant.allow or rule is not None
    row = None if allowed else result_code(_NOT_ALLOWED)
    return {
        "address": address,
        "allowed": allowed,
        "rule": str(rule) if rule else None,
        "code": row.code if row else None,
        "message": row.message() if row else None,
    }


def _one_merchant(asked: Asked) -> str:
    if not asked.merchant:
        raise Misuse("name the merchant with ?merchant=CLIENT_ID")
    return asked.merchant


def _key(sandbox: Sandbox, asked: Asked) -> str:
    """The client id of the path; with ?merchant= it must be one of that merchant's. Raises `Misuse`."""
    wanted, client_id = asked.owner(sandbox), asked.places["clientId"]
    owner = sandbox.merchant(client_id).client_id
    if wanted and owner != wanted:
        raise Misuse(f"{client_id[:80]} is not a key pair of {asked.merchant[:80]}", 404)
    return client_id
