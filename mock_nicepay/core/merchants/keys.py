"""Adds, re-issues and deletes the key pairs of a merchant: up to five, which share all its records."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from mock_nicepay.core.identity import Identity
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.merchants.pairs import (
    all_keys,
    keys_of,
    near_key,
    through_key,
    through_living_key,
)
from mock_nicepay.core.merchants.traits import key_pair_of
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import KeyPair, Merchant, changed
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenants import Tenants

# Documented (keys.five): up to five key pairs a merchant (K25 management/admin.md).
MOST = 5


class Keys:
    """The key pairs of one sandbox's merchants, as NICEPAY's admin page manages them."""

    def __init__(self, store: Store, tokens: Tokens, tenants: Tenants, seed: int) -> None:
        self._store = store
        self._tokens = tokens
        self._tenants = tenants
        self._seed = seed

    def owner(self, client_id: str) -> Merchant:
        """The merchant named by the client id of any of its pairs, deleted ones included.

        Raises `Misuse` naming the nearest when there is none.
        """
        merchant = self._store.get(Merchant, client_id)
        if merchant is None and (pair := self._store.get(KeyPair, client_id)) is not None:
            merchant = self._store.get(Merchant, pair.merchant_id)
        if merchant is None:
            near = near_key(self._store, client_id)
            hint = f"; the nearest is {near}" if near else ""
            raise Misuse(f"there is no merchant with the client id {client_id[:80]!r}{hint}", 404)
        return merchant

    def is_taken(self, client_id: str) -> bool:
        """Whether a pair has, or had, that client id."""
        return through_key(self._store, client_id) is not None

    def living(self, client_id: str = "") -> list[Merchant]:
        """The pairs of one merchant, or of all: each a `Merchant` seen through that pair."""
        if client_id:
            return keys_of(self._store, self.owner(client_id).client_id)
        return all_keys(self._store)

    def one(self, client_id: str) -> Merchant:
        """The merchant through the pair of that client id, or through its oldest if that is deleted."""
        living = through_living_key(self._store, client_id)
        return living or keys_of(self._store, self.owner(client_id).client_id)[0]

    def add(self, client_id: str, traits: Mapping[str, Any]) -> Merchant:
        """Add a pair to a merchant; traits are those of POST /_mock/merchants/keys.

        Raises `Misuse` for a sixth, an impossible trait or a client id that is taken.
        """
        with self.changing(client_id, alone=True):  # the new client id must be unique among all
            owner = self.owner(client_id)
            if len(keys_of(self._store, owner.client_id)) >= MOST:
                raise Misuse(
                    f"{owner.client_id} has {MOST} key pairs, and NICEPAY gives no more to a merchant; "
                    "delete one with DELETE /_mock/merchants/keys/CLIENT_ID",
                    409,
                )
            number = len(self._store.find(KeyPair, "", merchant_id=owner.client_id)) + 2
            pair = key_pair_of(traits, owner, self._chance(f"pair {number} of {owner.client_id}"))
            if self.is_taken(pair.client_id):
                raise Misuse(f"the client id {pair.client_id} is taken", 409)
            self._store.put(pair)
        return self._through(pair.client_id)

    def reissue(self, client_id: str) -> Merchant:
        """Give a pair a new secret key. The old one is no longer accepted.

        Assumed (keys.reissue): tokens issued to the pair are withdrawn at once. Raises `Misuse`.
        """
        with self.changing(client_id) as now:
            key = self._living_one(client_id)
            fresh = self._chance(f"after {key.secret_key}").secret_key()
            self._rewrite(key, secret_key=fresh, former_secret_key=key.secret_key)
            self._tokens.revoke(key.client_id, now, key_id=key.key_id)
        return self._through(client_id)

    def delete(self, client_id: str) -> Merchant:
        """Delete a pair; the merchant's records stay. Raises `Misuse`, also for its last pair.

        Assumed (keys.delete): its client id is unknown from then on (U116, U104 elsewhere, P005 in the
        window), and its tokens are withdrawn.
        """
        with self.changing(client_id) as now:
            key = self._living_one(client_id)
            if len(keys_of(self._store, key.client_id)) == 1:
                raise Misuse(
                    f"{client_id} is the only key pair of its merchant; add another one before", 409
                )
            self._rewrite(key, key_deleted=True)
            self._tokens.revoke(key.client_id, now, key_id=key.key_id)
        return self._through(client_id)

    @contextmanager
    def changing(self, client_id: str, *, alone: bool = False) -> Iterator[datetime]:
        """A transaction that changes a merchant or its key pairs; its tenant is updated at the end.

        Yields the merchant's time. `alone` excludes the transactions of all other merchants, too.
        """
        tenant = self._tenants.of(self.owner(client_id))  # may be made now, so before any lock
        now = tenant.clock.now()
        with tenant.clock.alone(), self._store.transaction("" if alone else tenant.client_id):
            yield now
            tenant.merchant_changed()

    def _living_one(self, client_id: str) -> Merchant:
        key = through_living_key(self._store, client_id)
        if key is None:
            self.owner(client_id)  # raises its own message when there never was such a pair
            raise Misuse(f"the key pair {client_id[:80]} has been deleted", 404)
        return key

    def _rewrite(self, key: Merchant, **changes: Any) -> None:
        """Change the record of a pair: the `Merchant` for the first one, a `KeyPair` for any other."""
        pair = self._store.get(KeyPair, key.key_id) if key.key_id else None
        record = pair or self._store.get(Merchant, key.client_id)
        assert record is not None  # it has just been read in this transaction
        self._store.put(changed(record, **changes))

    def _through(self, client_id: str) -> Merchant:
        key = through_key(self._store, client_id)
        assert key is not None  # deleted ones are remembered
        return key

    def _chance(self, name: str) -> Identity:
        # A stream of its own, so that adding a pair does not change other invented values.
        return Identity(self._seed, name)
