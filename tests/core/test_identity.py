"""The seeded source of ids, keys, tokens and people."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from mock_nicepay.contract.times import KST
from mock_nicepay.core.identity import Identity, fresh_secret


def invented(identity: Identity) -> list[str]:
    """One of everything, in a fixed order."""
    return [
        identity.client_id("server"),
        identity.secret_key(),
        identity.access_token(40),
        identity.mid(),
        identity.company("A"),
    ]


def test_the_same_seed_invents_the_same() -> None:
    """Two streams of one seed and one name are equal."""
    assert invented(Identity(7, "A")) == invented(Identity(7, "A"))


@pytest.mark.parametrize(("seed", "name"), [(8, "A"), (7, "B"), (-7, "A")])
def test_another_seed_or_name_invents_otherwise(seed: int, name: str) -> None:
    """Streams of two seeds, or of two merchants, share nothing."""
    assert set() == set(invented(Identity(7, "A"))[:4]) & set(invented(Identity(seed, name))[:4])


@pytest.mark.parametrize(
    ("form", "made"),
    [
        (r"S2_[0-9a-f]{32}", [Identity(n, "A").client_id("server") for n in range(50)]),
        (r"S1_[0-9a-f]{32}", [Identity(n, "A").client_id("client") for n in range(50)]),
        (r"[0-9a-f]{32}", [Identity(n, "A").secret_key() for n in range(50)]),
        (r"[0-9a-f]{40}", [Identity(n, "A").access_token(40) for n in range(50)]),
        (r"[0-9a-f]{64}", [Identity(n, "A").access_token(64) for n in range(50)]),
        (r"UT[0-9]{7}m", [Identity(n, "A").mid() for n in range(50)]),
        (r"NICEUNTT[0-9A-F]{32}", [Identity(n, "A").auth_token() for n in range(50)]),
        (r"[1-9][0-9]{7}", [Identity(n, "A").approval_number() for n in range(50)]),
        (r"[1-9][0-9]{13}", [Identity(n, "A").digits(14) for n in range(50)]),
    ],
)
def test_what_is_invented_has_the_published_form(form: str, made: list[str]) -> None:
    """Leading zeros included: fifty of each have their full length and are all different."""
    assert [] == [text for text in made if not re.fullmatch(form, text)]
    assert 50 == len(set(made))


def test_names_are_korean_and_disturb_nothing() -> None:
    """A shop keeps its name, and names do not change the ids after them."""
    plain, named = Identity(7, "A"), Identity(7, "A")
    assert re.search("[가-힣]", named.company("shop"))
    assert named.company("shop") == named.company("shop") != named.company("another")
    assert plain.secret_key() == named.secret_key()


def test_a_shop_keeps_its_name_whoever_asks() -> None:
    """Also when several threads do at once."""
    identity, shops = Identity(7, "A"), [f"shop-{number % 20}" for number in range(200)]
    alone = [identity.company(shop) for shop in shops]
    with ThreadPoolExecutor(4) as threads:
        assert alone == list(threads.map(identity.company, shops))


def test_without_the_library_a_shop_has_a_plain_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faker is an extra: without it only the pretty names are missing."""
    monkeypatch.setitem(sys.modules, "faker", None)
    assert "상점 0059" == Identity(7, "A").company("S2_0059")


def test_what_nobody_may_know_comes_from_no_seed() -> None:
    """Signing keys are long and never the same."""
    assert [64, 64] == [len(fresh_secret()), len(fresh_secret())]
    assert fresh_secret() != fresh_secret()


@pytest.mark.parametrize(("expected", "seed"), [("0000", 0), ("0007", 7), ("9999", -1)])
def test_a_tid_tells_whose_what_and_when(expected: str, seed: int) -> None:
    """Thirty characters: merchant id, service, 01, the second, and a serial that begins at the seed."""
    moment = datetime(2023, 2, 28, 12, 53, 17, 657000, KST)

    assert f"UT0000104m0101230228125317{expected}" == Identity(seed, "A").tid(
        "UT0000104m", "01", moment
    )


def test_tids_do_not_come_again() -> None:
    """Not in the same second, not after ten thousand of them."""
    identity, moment = Identity(7, "A"), datetime(2023, 2, 28, tzinfo=KST)
    tids = [identity.tid("UT0000104m", "01", moment) for _ in range(60_000)]

    assert 60_000 == len(set(tids))
    assert ["A000", "A001", "A00Z", "A010"] == [tids[10_000 + n][-4:] for n in (0, 1, 35, 36)]
    assert "B000" == tids[10_000 + 36**3][-4:]


def test_one_of_several_is_picked() -> None:
    """Each has its turn."""
    identity = Identity(7, "A")

    assert {"a", "b", "c"} == {identity.pick("abc") for _ in range(50)}
