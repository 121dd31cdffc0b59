"""The behaviour of all three stores: memory, a SQLite file, a real PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from mock_nicepay.contract.times import KST
from mock_nicepay.core.records import KeyPair, Merchant, Payment, Running, Token
from mock_nicepay.core.store import Store
from mock_nicepay.core.stores import open_store
from mock_nicepay.core.stores.memory import MemoryStore

MakeStore = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Makes empty stores of one kind, and closes them at the end."""
    made: list[Store] = []

    def make() -> Store:
        addresses = {
            "memory": lambda: "memory://",
            "sqlite": lambda: f"sqlite:///{tmp_path}/{len(made)}.db",
            "postgres": lambda: request.getfixturevalue("postgres").database(),
        }
        made.append(open_store(addresses[request.param]()))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """An empty store of each kind."""
    return make_store()


def payment(tid: str, owner: str = "A", order: str = "O-1", **more: Any) -> Payment:
    """A payment of 1004 won."""
    return Payment(tid, owner, order, 1004, 1004, "goods", "card", "paid", **more)


def tids(found: list[Payment]) -> list[str]:
    """The keys of payments, in the order they came."""
    return [each.tid for each in found]


class Undo(Exception):
    """Leaves a transaction."""


def undone(store: Store, work: Callable[[], None], leave: type[BaseException] = Undo) -> None:
    """Do `work` in a transaction that fails at its end."""
    with store.transaction():
        work()
        raise leave


def test_a_tally_counts_by_one_field(store: Store) -> None:
    """All merchants' together, other kinds left out."""
    for number, status in enumerate(("paid", "paid", "ready")):
        store.put(replace(payment(f"T{number}", f"M{number}"), status=status))
    store.put(Token("paid", "A", "claims"))
    assert {"paid": 2, "ready": 1} == store.tally(Payment, "status")
    store.put(replace(payment("T0", "M0"), status="failed"))
    store.delete(payment("T2", "M2"))
    assert {"paid": 1, "failed": 1} == store.tally(Payment, "status")


@pytest.mark.parametrize("order", ["O-1", "주문", "\0", "\ud800", "\x01", ""])
def test_a_tally_has_the_texts_as_they_are(store: Store, order: str) -> None:
    """Also those that a database cannot hold."""
    store.put(payment("T1", order=order))
    assert {order: 1} == store.tally(Payment, "order_id")


class TestMany:
    """Queries whose cost does not grow with the number of merchants."""

    @pytest.fixture(autouse=True)
    def merchants(self, store: Store) -> None:
        """Thirty of them, and other kinds."""
        for number in range(30):
            store.put(Merchant(f"S2_{number % 3}-{number:02d}", "secret"))
        store.put(Token("S2_1", "A", "claims"))
        store.put(Running("S2_0-00"))

    def test_the_first_are_the_oldest(self, store: Store) -> None:
        """At most that many; a replaced record keeps its place."""
        store.put(Merchant("S2_0-00", "another"))
        assert ["S2_0-00", "S2_1-01"] == [each.client_id for each in store.first(Merchant, 2)]
        assert 30 == len(store.first(Merchant, 100))
        assert ["S2_1-01", "S2_2-02"] == [each.client_id for each in store.first(Merchant, 2, 1)]
        assert [] == store.first(Merchant, 1, 30)

    def test_the_latest_are_the_youngest(self, store: Store) -> None:
        """At most that many, in the order in which they were added."""
        assert ["S2_1-28", "S2_2-29"] == [each.client_id for each in store.latest(Merchant, 2)]
        assert 30 == len(store.latest(Merchant, 100))
        assert [] == store.latest(KeyPair, 1)

    @pytest.mark.parametrize(
        ("begin", "most", "expected"),
        [
            ("S2_2", 2, {"S2_0-00", "S2_1-01", "S2_2-02", "S2_2-05"}),
            ("S2_2-29", 1, {"S2_0-00", "S2_2-29"}),
            ("S2_9", 1, {"S2_0-00"}),
            ("", 1, {"S2_0-00"}),
            ("\0\ud800", 1, {"S2_0-00"}),
            ("\U0010ffff", 1, {"S2_0-00"}),
        ],
    )
    def test_keys_like_one(self, begin: str, most: int, expected: set[str], store: Store) -> None:
        """Some with that beginning, and the oldest."""
        found = store.keys_like(Merchant, begin, most)
        assert (expected, len(expected)) == (set(found), len(found))

    def test_they_are_numbered(self, store: Store) -> None:
        """One kind by itself."""
        store.delete(Merchant("S2_0-00", "secret"))
        assert (29, 1, 0) == tuple(map(store.number, (Merchant, Running, KeyPair)))

    def test_several_kinds_are_looked_up_together(self, store: Store) -> None:
        """Existing and missing ones; a transaction inside sees later changes."""
        with store.together(Merchant, Running, KeyPair):
            assert store.get(Merchant, "S2_0-00") is not None
            assert Running("S2_0-00") == store.get(Running, "S2_0-00")
            assert store.get(KeyPair, "S2_0-00") is None
            with store.transaction("S2_0-00"):
                store.put(Running("S2_0-00", version=7))
                assert Running("S2_0-00", version=7) == store.get(Running, "S2_0-00")
        assert Running("S2_0-00", version=7) == store.get(Running, "S2_0-00")


class TestRecords:
    """Putting, getting, replacing and deleting one record."""

    def test_what_was_put_is_there(self, store: Store) -> None:
        """A record comes back as it went in, by kind and key."""
        record = payment("T1", paid_at=datetime(2023, 2, 28, tzinfo=KST))
        store.put(record)
        assert record == store.get(Payment, "T1")
        assert (None, None) == (store.get(Payment, "T2"), store.get(Token, "T1"))

    def test_kinds_do_not_meet(self, store: Store) -> None:
        """Records of two kinds may have the same key."""
        store.put(Merchant("A", "secret"))
        store.put(Token("A", "A", "claims"))
        store.delete(Token("A", "A", "claims"))
        assert (Merchant("A", "secret"), None) == (store.get(Merchant, "A"), store.get(Token, "A"))

    def test_a_record_is_replaced_by_its_key(self, store: Store) -> None:
        """The new one counts, and is found by its new look-up only."""
        store.put(payment("T1", order="O-1"))
        store.put(payment("T1", order="O-2"))
        assert ([], ["T1"]) == (
            tids(store.find(Payment, "A", order_id="O-1")),
            tids(store.find(Payment, "A", order_id="O-2")),
        )

    def test_a_record_can_change_its_owner(self, store: Store) -> None:
        """It belongs to the new owner only."""
        store.put(payment("T1", "A"))
        store.put(payment("T1", "B"))
        store.clear("A")
        assert ([], ["T1"]) == (tids(store.find(Payment, "A")), tids(store.find(Payment, "B")))

    def test_what_was_deleted_is_gone(self, store: Store) -> None:
        """By key, by owner, by look-up and in the snapshot."""
        store.put(payment("T1"))
        store.delete(payment("T1"))
        store.delete(payment("T1"))
        assert (None, [], [], {}) == (
            store.get(Payment, "T1"),
            store.find(Payment, "A"),
            store.find(Payment, "A", order_id="O-1"),
            {kind: rows for kind, rows in store.snapshot().items() if rows},
        )


class TestFinding:
    """Finding by owner and by look-up."""

    @pytest.fixture(autouse=True)
    def _payments(self, store: Store) -> None:
        """Payments of two owners, one of them with an order of three payments."""
        for record in (
            payment("T5", "A", "O-1"),
            payment("T3", "B", "O-1"),
            payment("T4", "A", "O-2"),
            payment("T1", "A", "O-1"),
            payment("T2", "A", "O-1"),
        ):
            store.put(record)
        store.put(Token("T9", "A", "claims"))

    @pytest.mark.parametrize(
        ("expected", "owner", "lookup"),
        [
            (["T5", "T3", "T4", "T1", "T2"], "", {}),
            (["T5", "T4", "T1", "T2"], "A", {}),
            (["T5", "T1", "T2"], "A", {"order_id": "O-1"}),
            (["T3"], "B", {"order_id": "O-1"}),
            ([], "B", {"order_id": "O-2"}),
            ([], "C", {}),
            ([], "A", {"order_id": ""}),
        ],
    )
    def test_records_come_oldest_first(
        self, expected: list[str], owner: str, lookup: dict[str, str], store: Store
    ) -> None:
        """In the order they were added, of one owner and one look-up, or of all."""
        assert expected == tids(store.find(Payment, owner, **lookup))

    def test_a_replaced_record_keeps_its_place(self, store: Store) -> None:
        """Changing a payment does not make it younger."""
        store.put(payment("T5", "A", "O-1", approve_no="1"))
        assert ["T5", "T1", "T2"] == tids(store.find(Payment, "A", order_id="O-1"))

    def test_a_record_added_again_is_young(self, store: Store) -> None:
        """Deleted and added, it comes last."""
        store.delete(payment("T5", "A", "O-1"))
        store.put(payment("T5", "A", "O-1"))
        assert ["T1", "T2", "T5"] == tids(store.find(Payment, "A", order_id="O-1"))

    def test_what_was_found_stays_as_it_was(self, store: Store) -> None:
        """A list that was handed out does not change with the store."""
        found = store.find(Payment, "A")
        store.clear("A")
        assert ["T5", "T4", "T1", "T2"] == tids(found)

    def test_clearing_an_owner_leaves_the_others_alone(self, store: Store) -> None:
        """Every kind of record of that owner goes, and nothing else."""
        store.clear("A")
        assert {"Payment": [payment("T3", "B", "O-1")]} == {
            kind: rows for kind, rows in store.snapshot().items() if rows
        }

    def test_a_snapshot_holds_every_kind(self, store: Store) -> None:
        """All records by the name of their kind, oldest first."""
        snapshot = store.snapshot()
        assert (5, 1) == (len(snapshot["Payment"]), len(snapshot["Token"]))


def everything(store: Store) -> tuple[object, ...]:
    """All that can be seen of a store with payments of the orders O-1 and O-2."""
    return (
        {kind: rows for kind, rows in store.snapshot().items() if rows},
        *(tids(store.find(Payment, owner)) for owner in ("", "A", "B")),
        *(tids(store.find(Payment, "A", order_id=order)) for order in ("O-1", "O-2", "O-3")),
        [store.get(Payment, tid) for tid in ("T1", "T2", "T3", "T9")],
    )


def add_again(store: Store) -> None:
    """Delete a record and add it anew."""
    store.delete(payment("T1"))
    store.put(payment("T1"))


def begin_anew(store: Store) -> None:
    """Clear an owner and write its records differently."""
    store.clear("A")
    store.put(payment("T2", order="O-3"))
    store.put(payment("T9"))


CHANGES: dict[str, Callable[[Store], None]] = {
    "an added record": lambda store: store.put(payment("T9")),
    "a replaced record": lambda store: store.put(payment("T1", approve_no="1")),
    "a changed look-up": lambda store: store.put(payment("T1", order="O-3")),
    "a changed owner": lambda store: store.put(payment("T1", "B")),
    "a deleted record": lambda store: store.delete(payment("T1")),
    "a record deleted and added": add_again,
    "a cleared owner": lambda store: store.clear("A"),
    "an owner cleared and begun anew": begin_anew,
}


class TestTransactions:
    """Everything of a transaction happens, or nothing."""

    @pytest.fixture(autouse=True)
    def _payments(self, store: Store) -> None:
        """Two payments of A, one of B."""
        for record in (payment("T1"), payment("T2", order="O-2"), payment("T3", "B")):
            store.put(record)

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_a_failed_transaction_leaves_no_trace(
        self, change: Callable[[Store], None], store: Store
    ) -> None:
        """Records, look-ups, owners and their order are as before."""
        before = everything(store)
        with pytest.raises(Undo):
            undone(store, lambda: change(store))
        assert before == everything(store)

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_a_finished_transaction_is_like_no_transaction(
        self, change: Callable[[Store], None], store: Store, make_store: MakeStore
    ) -> None:
        """What was written in it is there, and a later failure does not undo it."""
        plain = make_store()
        for record in (payment("T1"), payment("T2", order="O-2"), payment("T3", "B")):
            plain.put(record)
        change(plain)
        with store.transaction():
            change(store)
        with pytest.raises(Undo):
            undone(store, lambda: None)
        assert everything(plain) == everything(store)

    def test_its_own_writes_are_seen_inside(self, store: Store) -> None:
        """A call reads what it has just written."""
        with store.transaction():
            store.put(payment("T9", order="O-2"))
            assert ["T2", "T9"] == tids(store.find(Payment, "A", order_id="O-2"))

    def test_every_question_inside_sees_them(self, store: Store) -> None:
        """In whatever order it writes and asks."""
        with store.transaction("A"):
            store.put(payment("T8"))
            assert payment("T8") == store.get(Payment, "T8")
            assert "T8" in tids(store.find(Payment, "A"))
            store.delete(payment("T8"))
            assert store.get(Payment, "T8") is None
            store.put(payment("T9", order="O-9"))
            store.put(payment("T8", order="O-9"))
            assert ["T9", "T8"] == tids(store.find(Payment, "A", order_id="O-9"))
            store.put(payment("T7", order="O-9"))
            assert ["T9", "T8", "T7"] == tids(store.find_anywhere(Payment, order_id="O-9"))
            store.put(replace(payment("T6"), status="odd"))
            assert 1 == store.tally(Payment, "status")["odd"]
            store.put(payment("T5"))
            store.clear("A")
            assert store.get(Payment, "T5") is None
            store.put(payment("T4"))
        assert ["T4"] == tids(store.find(Payment, "A"))

    def test_an_inner_block_belongs_to_the_outer_one(self, store: Store) -> None:
        """A failure outside undoes what an inner block had finished."""
        before = everything(store)

        def inner() -> None:
            with store.transaction():
                store.put(payment("T9"))

        with pytest.raises(Undo):
            undone(store, inner)
        assert before == everything(store)

    def test_a_caught_failure_of_an_inner_block_undoes_nothing(self, store: Store) -> None:
        """Only what leaves the outermost block undoes, and then all of it."""
        with store.transaction():
            store.put(payment("T8"))
            with pytest.raises(Undo):
                undone(store, lambda: store.put(payment("T9")))
        assert ["T1", "T2", "T8", "T9"] == tids(store.find(Payment, "A"))

    def test_even_an_interrupt_undoes(self, store: Store) -> None:
        """Whatever leaves the block, nothing of it stays."""
        before = everything(store)
        with pytest.raises(KeyboardInterrupt):
            undone(store, lambda: store.clear("A"), KeyboardInterrupt)
        assert before == everything(store)


def together(count: int, work: Callable[[int], None]) -> None:
    """Run `work` in that many threads, all starting at once."""
    barrier = Barrier(count)

    def begin(number: int) -> None:
        barrier.wait()
        work(number)

    threads = [Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class TestThreads:
    """Eight threads at once."""

    def test_concurrent_puts_are_all_kept(self, store: Store) -> None:
        """Nothing is lost, and every look-up is complete."""

        def put_many(number: int) -> None:
            for n in range(100):
                store.put(payment(f"T{number}-{n}", f"M{n % 2}", f"O-{n % 5}"))

        together(8, put_many)
        assert 800 == len(store.find(Payment))
        assert 80 == len(store.find(Payment, "M0", order_id="O-2"))
        assert [400, 400] == [len(store.find(Payment, owner)) for owner in ("M0", "M1")]

    def test_a_transaction_runs_alone(self, store: Store) -> None:
        """Reading, adding one and writing back, 800 times, counts to 800."""
        store.put(payment("T1"))

        def count_up(number: int) -> None:
            for _ in range(100):
                with store.transaction():
                    before = store.get(Payment, "T1")
                    assert before is not None
                    store.put(payment("T1", approve_no=str(int(before.approve_no or 0) + 1)))

        together(8, count_up)
        assert payment("T1", approve_no="800") == store.get(Payment, "T1")

    def test_a_rollback_takes_nothing_of_others_with_it(self, store: Store) -> None:
        """Threads that fail every time leave only what the others wrote."""

        def work(number: int) -> None:
            for n in range(50):
                try:
                    with store.transaction():
                        store.put(payment(f"T{number}-{n}", f"M{number}"))
                        if number % 2:
                            raise Undo
                except Undo:
                    pass

        together(8, work)
        assert [50, 0, 50, 0, 50, 0, 50, 0] == [
            len(store.find(Payment, f"M{number}")) for number in range(8)
        ]


class Counted(dict[Any, Any]):
    """A dictionary that counts its look-ups."""

    looks = 0

    def get(self, key: Any, default: Any = None) -> Any:
        """Look one key up."""
        Counted.looks += 1
        return super().get(key, default)

    def __iter__(self) -> Any:
        for key in super().__iter__():
            Counted.looks += 1
            yield key


def test_a_look_up_costs_the_same_among_many() -> None:
    """In memory, the work of one get or one narrow find does not grow with what is held."""
    costs = []
    for size in (10, 1000):
        store = MemoryStore()
        for n in range(size):
            store.put(payment(f"T{n}", f"M{n % 10}", f"O-{n}"))
        for name, value in list(vars(store).items()):
            if isinstance(value, dict):
                setattr(store, name, Counted(value))
        Counted.looks = 0
        assert (payment("T5", "M5", "O-5"), 1) == (
            store.get(Payment, "T5"),
            len(store.find(Payment, "M5", order_id="O-5")),
        )
        store.put(payment("T5", "M5", "O-5", approve_no="1"))
        costs.append(Counted.looks)
    assert costs[0] == costs[1]


def test_a_replacement_is_undone_with_all_around_it(store: Store) -> None:
    """The earlier records are back in their places; later ones are gone."""
    for tid in ("t1", "t2"):
        store.put(payment(tid))

    def work() -> None:
        store.put(payment("t0"))
        store.delete(payment("t1"))
        store.replace_all([payment("t3"), payment("t2")])
        store.put(payment("t4"))
        assert ["t3", "t2", "t4"] == tids(store.find(Payment, "A"))
        store.replace_all([payment("t5")])

    with pytest.raises(Undo):
        undone(store, work)

    assert ["t1", "t2"] == tids(store.find(Payment, "A"))
    assert [None, None] == [store.get(Payment, tid) for tid in ("t0", "t5")]

    store.replace_all([payment("t2"), payment("t1")])
    store.put(payment("t6"))

    assert ["t2", "t1", "t6"] == tids(store.find(Payment, "A", order_id="O-1"))


def test_who_looks_during_a_replacement_finds_what_stays() -> None:
    """In memory a look-up takes no lock: a merchant in both states must always be found."""
    store = MemoryStore()
    store.put(payment("t1"))

    def others() -> Iterator[Payment]:
        yield payment("t0")
        assert store.get(Payment, "t1") is not None
        yield payment("t1")

    store.replace_all(others())

    assert ["t0", "t1"] == tids(store.find(Payment, "A"))
