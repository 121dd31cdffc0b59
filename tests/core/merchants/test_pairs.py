"""Key pairs as everybody reads them: whose keys a caller may have taken by mistake."""

from mock_nicepay.core.merchants.pairs import keys_by_mistake
from mock_nicepay.core.records import KeyPair, Merchant
from mock_nicepay.core.stores.memory import MemoryStore


def test_keys_taken_by_mistake() -> None:
    """One's own others come first, then so many pairs and as many merchants; never the right one."""
    store = MemoryStore()
    caller = Merchant("A", "right", other_secret_key="next", former_secret_key="before")
    for record in (caller, Merchant("B", "b"), Merchant("C", "c")):
        store.put(record)
    for name in ("P", "Q", "R"):
        store.put(KeyPair(name, "B", name.lower()))
    expected = {
        "former secretKey": "before",
        "otherSecretKey": "next",
        "P": "p",
        "Q": "q",
        "B": "b",
    }
    assert expected == keys_by_mistake(store, caller, 2)


def test_keys_that_a_merchant_does_not_have() -> None:
    """Neither a former key nor another one: only those of others are told."""
    store = MemoryStore()
    store.put(Merchant("B", "b"))
    assert {"B": "b"} == keys_by_mistake(store, Merchant("A", "right"), 2)
