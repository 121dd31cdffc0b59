"""The editions: where the published texts differ, and which one wins."""

import pytest

from mock_nicepay.contract.editions import EDITIONS


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ((True, ("expireAt", "expiredAt"), ("query", "body")), "union"),
        ((True, ("expiredAt",), ("body",)), "manual"),
        ((False, ("expireAt",), ("query",)), "gateway"),
    ],
)
def test_each_edition_has_its_readings(
    expected: tuple[bool, tuple[str, ...], tuple[str, ...]], name: str
) -> None:
    """Bearer at the token call, the names of the expiry, the places of returnCharSet."""
    edition = EDITIONS[name]
    assert expected == (edition.bearer_for_token, edition.expiry_keys, edition.charset_sources)


def test_the_union_accepts_what_any_edition_accepts() -> None:
    """Whatever one edition takes or answers, the union takes and answers."""
    union = EDITIONS["union"]
    for edition in EDITIONS.values():
        assert union.bearer_for_token >= edition.bearer_for_token
        assert set(union.expiry_keys) >= set(edition.expiry_keys)
        assert set(union.charset_sources) >= set(edition.charset_sources)


def test_a_switch_turns_one_reading_only() -> None:
    """A switch that is set by itself leaves the others as the edition has them."""
    manual = EDITIONS["manual"]
    switched = manual.with_switches(bearer_for_token=False, expiry_key=None, charset_from="both")
    assert ("manual", False, ("expiredAt",), ("query", "body")) == (
        switched.name,
        switched.bearer_for_token,
        switched.expiry_keys,
        switched.charset_sources,
    )
    assert manual == manual.with_switches(bearer_for_token=None, expiry_key=None, charset_from=None)
