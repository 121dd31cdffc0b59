"""What is inside an encData: forms, what is needed, and what a wrong name was meant to be."""

import pytest

from mock_nicepay.contract.encdata.card_data import (
    ASKED,
    PAID_BY_APP,
    TYPED,
    CardCode,
    meant,
    names_in,
    table_of,
    usual_mode,
    why_malformed,
    why_missing,
)
from mock_nicepay.contract.refusal import Refusal

GOOD = {
    "cardNo": ("94041234123412", "9404123412341234"),
    "expYear": ("00", "30"),
    "expMonth": ("01", "12"),
    "idNo": ("800101", "1234567890", "8001011234567"),
    "cardPw": ("00", "12"),
    "authFlag": ("0", "2", "00", "02"),
    "track2Data": ("371234", "37123=0000", "1" * 39),
    "cardExpire": ("3012", "0000"),
    "TRID": ("x" * 20,),
    "CAVV": ("AAABCGkWZSAhBwIIGRZlBSAAAAA=",),
    "XID": ("MjAyMTA3MDIwNzEyNTQ2MzE5OTg=",),
    "ECI": ("5", "05"),
}
BAD = {
    "cardNo": ("9404123412341", "94041234123412345", "9404-1234-1234", "가" * 16, "１" * 16),
    "expYear": ("2030", "3", "3a"),
    "expMonth": ("00", "13", "1", "012"),
    "idNo": ("80010", "8001011", "80-01-01"),
    "cardPw": ("1", "123", "1234"),
    "authFlag": ("1", "3", "002", "x"),
    "track2Data": ("", "37 123", "37123=", "1" * 40),
    "cardExpire": ("1230", "012", "00000"),
    "TRID": ("x y", "x" * 21),
    "CAVV": ("AAAB%3D", "x" * 31, "==="),
    "XID": ("나",),
    "ECI": ("005", "x"),
}
FIELDS = {**TYPED, **PAID_BY_APP}


def _rows(values: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, value) for name, each in values.items() for value in each]


@pytest.mark.parametrize(("name", "value"), _rows(GOOD))
def test_takes_what_fits(name: str, value: str) -> None:
    """Every form that the tables allow."""
    assert why_malformed({name: value}, FIELDS, [name]) is None


@pytest.mark.parametrize(("name", "value"), _rows(BAD))
def test_names_the_field_that_does_not_fit(name: str, value: str) -> None:
    """And what it must be; of the value its length alone is told."""
    cause = why_malformed({name: value}, FIELDS, [name])

    assert cause is not None
    assert f"{name} inside encData" in cause.en
    assert f"encData 안의 {name}" in cause.ko
    assert len(value) < 4 or value not in cause.en + cause.ko


def test_every_field_is_tried() -> None:
    """No field of a table is without a good and a bad value here."""
    assert set(FIELDS) == set(GOOD) == set(BAD)
    assert {name for names in ASKED.values() for name in names} <= set(TYPED)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        (None, {"idNo": "800101"}),
        ("idNo inside encData is not there; there are cardNo, cardPw", {"cardNo": "1", "cardPw": "12"}),
        ("idNo inside encData is empty", {"idNo": ""}),
        ("birth is there, which is not a field: did you mean idNo?", {"birth": "800101"}),
        ("id_no is there, which is not a field: did you mean idNo?", {"id_no": "800101"}),
        ("IDNO is there, which is not a field: did you mean idNo?", {"IDNO": "800101"}),
        ("there are a, b, c, d, e, f, g, h, …", dict.fromkeys("abcdefghij", "1")),
    ],
)  # fmt: skip
def test_says_what_is_missing(said: str | None, values: dict[str, str]) -> None:
    """And what stands in its place, when something does."""
    cause = why_missing(values, ["idNo"])

    assert (said is None) == (cause is None)
    assert cause is None or said in cause.en  # type: ignore[operator]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("cardNo", "cardnumber"),
        ("cardNo", "card_no"),
        ("cardNo", "CardNumber"),
        ("expYear", "expireYear"),
        ("expYear and expMonth", "expiry"),
        ("idNo", "birthDate"),
        ("cardPw", "cardPassword"),
        ("", "cardNo"),
        ("", "cvc"),
        ("", "9404123412341234"),
    ],
)
def test_knows_what_was_meant(field: str, name: str) -> None:
    """Of names that shops give the fields; a right name means nothing else."""
    assert field == meant(name, TYPED)


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("cardNo", "cardNo"),
        ("track2Data", "track2Data"),
        ("…", "9404123412341234"),
        ("…", "a9404123412341234"),
        ("…", "x" * 60),
    ],
)
def test_shows_no_name_that_may_be_a_value(shown: str, name: str) -> None:
    """A text without names has its first value in a name's place."""
    assert shown == names_in({name: ""})


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("ecb", ["cardNo", "expYear"]),
        ("ecb", ["cardNumber"]),
        ("ecb", []),
        ("cbc", ["cardNo", "authFlag"]),
        ("cbc", ["cardNo", "track2"]),
    ],
)
def test_tells_whose_fields_they_are(mode: str, names: list[str]) -> None:
    """E-pay's have names of their own, in CBC; all else is a typed-in card."""
    assert mode == usual_mode(names)
    assert (mode == "cbc") == (table_of(names) is PAID_BY_APP)


@pytest.mark.parametrize("code", ["4", "99", "1 "])
def test_a_card_code_is_one_of_the_table(code: str) -> None:
    """Anything else is U149; a code of the table is taken as it is."""
    with pytest.raises(Refusal, match="U149"):
        CardCode(2).read(code, "cardCode")

    assert "04" == CardCode(2).read("04", "cardCode")
