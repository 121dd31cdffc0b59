"""Reads a merchant's key pairs; `keys.py` changes them.

The first pair is part of the merchant's own record, whose client id names the merchant for ever, even
when that pair is deleted. A call, a window or a checkout sees the merchant *through* one of its pairs:
the same merchant, with that pair's secret key, window model and type. What is stored under the
merchant (payments, sessions, webhooks, tokens) belongs to all of its pairs.
"""

from collections.abc import Iterable
from dataclasses import replace

from mock_nicepay.contract.spelling import nearest
from mock_nicepay.core.records import KeyPair, Merchant, Payment
from mock_nicepay.core.store import Store

_ALIKE = 6  # characters: S2_ and three hex digits, one of four thousand
_COMPARED = 200  # client ids that a wrong one is compared with; each takes some ten microseconds


def through_key(store: Store, client_id: str) -> Merchant | None:
    """The merchant seen through that pair, even a deleted one; None when there is no such pair."""
    merchant = store.get(Merchant, client_id)
    if merchant is not None:
        return merchant
    pair = store.get(KeyPair, client_id)
    owner = store.get(Merchant, pair.merchant_id) if pair else None
    return _through(owner, pair) if owner and pair else None


def through_living_key(store: Store, client_id: str) -> Merchant | None:
    """The same, but None for a deleted pair."""
    merchant = through_key(store, client_id)
    return None if merchant is None or merchant.key_deleted else merchant


def keys_of(store: Store, client_id: str) -> list[Merchant]:
    """The merchant through each of its pairs that is not deleted, oldest first; at least one."""
    merchant = store.get(Merchant, client_id)
    return _living(merchant, store.find(KeyPair, "", merchant_id=client_id)) if merchant else []


def all_keys(store: Store) -> list[Merchant]:
    """The same for every merchant, one after another, with two queries."""
    further: dict[str, list[KeyPair]] = {}
    for pair in store.find(KeyPair):
        further.setdefault(pair.merchant_id, []).append(pair)
    return [
        key
        for merchant in store.find(Merchant)
        for key in _living(merchant, further.get(merchant.client_id, []))
    ]


def _living(merchant: Merchant, further: Iterable[KeyPair]) -> list[Merchant]:
    every = (merchant, *(_through(merchant, pair) for pair in further))
    return [key for key in every if not key.key_deleted]


def signer_of(store: Store, payment: Payment) -> Merchant | None:
    """The merchant through the pair that a payment was made with, which signs its events.

    Documented (webhook.other-key): with another pair's, at times (E26); `other_secret_key` is that of
    the merchant's next pair, where it has one.
    Assumed (webhook.deleted-key): when that pair is deleted, with the merchant's oldest.
    """
    keys = keys_of(store, payment.client_id)
    made_with = payment.key_id or payment.client_id
    signer = next((key for key in keys if key.calling_id == made_with), keys[0] if keys else None)
    others = [key.secret_key for key in keys if signer and key.calling_id != signer.calling_id]
    return replace(signer, other_secret_key=others[0]) if signer and others else signer


def near_key(store: Store, client_id: str, *, alike: float = 0.6) -> str:
    """The existing client id that is most similar to an unknown one; empty when none is similar.

    Among many merchants only those with the same beginning, and the oldest, are compared.
    """
    kinds = (Merchant, KeyPair)
    begin = client_id[:_ALIKE]
    known = [key for kind in kinds for key in store.keys_like(kind, begin, _COMPARED)]
    return nearest(client_id, known, alike=alike)


def keys_by_mistake(store: Store, merchant: Merchant, most: int) -> dict[str, str]:
    """Secret keys that a caller may have used instead of its own, with their descriptions as keys.

    Besides the merchant's own, those of the `most` oldest further pairs and merchants are considered.
    """
    others: list[Merchant | KeyPair]
    others = [*store.first(KeyPair, most), *store.first(Merchant, most)]
    keys = {
        "former secretKey": merchant.former_secret_key,
        "otherSecretKey": merchant.other_secret_key,
        **{each.client_id: each.secret_key for each in others},
    }
    return {name: key for name, key in keys.items() if key and key != merchant.secret_key}


def secrets_of(store: Store, client_id: str) -> tuple[str, ...]:
    """The secret keys of all of a merchant's pairs that are not deleted."""
    return tuple(key.secret_key for key in keys_of(store, client_id))


def _through(merchant: Merchant, pair: KeyPair) -> Merchant:
    return replace(
        merchant,
        key_id=pair.client_id,
        secret_key=pair.secret_key,
        former_secret_key=pair.former_secret_key,
        window=pair.window,
        auth_type=pair.auth_type,
        key_deleted=pair.key_deleted,
    )
