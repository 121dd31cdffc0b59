"""The table of settings: where a value comes from, how it is written, what is wrong with it."""

from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_nicepay.contract.times import KST, ClockSetting
from mock_nicepay.settings import (
    SettingError,
    Settings,
    environment_for,
    running_server_url,
)

NAMES = tuple(row.name for row in fields(Settings))


def read(environment: dict[str, str] | None = None, /, **arguments: Any) -> Settings:
    """Settings from these arguments over this environment."""
    return Settings.read(arguments, environment or {})


@pytest.mark.parametrize(
    ("expected", "argument", "environment"),
    [
        (8090, None, None),
        (7000, None, "7000"),
        (6000, "6000", "7000"),
        (6000, "6000", None),
        (6000, 6000, "7000"),
        (0, "0", "7000"),
    ],
)
def test_an_argument_wins_over_the_environment_and_that_over_the_default(
    expected: int, argument: Any, environment: str | None
) -> None:
    """An argument of None was not given."""
    surroundings = {"MOCK_NICEPAY_PORT": environment} if environment else {}
    assert expected == read(surroundings, port=argument).port


# A good value of each setting as text, and what it means.
GOOD: list[tuple[str, str, Any]] = [
    ("host", "0.0.0.0", "0.0.0.0"),
    ("port", " 65535 ", 65535),
    ("scenario", "slow, my/file.yaml ,", ("slow", "my/file.yaml")),
    ("edition", "gateway", "gateway"),
    ("sandbox_limits", "yes", True),
    ("store", "sqlite:///a.db", "sqlite:///a.db"),
    ("workers", "2", 2),
    ("clock", "+2h", ClockSetting("moved", timedelta(hours=2))),
    ("seed", "-5", -5),
    ("admin_key", "열쇠", "열쇠"),
    ("allowed_hosts", "nicepay,*.test", ("nicepay", "*.test")),
    ("log", "json", "json"),
    ("merchants", "a.yaml,b.yaml", ("a.yaml", "b.yaml")),
    ("plans", "plans.yaml", "plans.yaml"),
    ("journal_size", "1", 1),
    ("body_limit", "1024", 1024),
    ("connection_limit", "64", 64),
    ("merchant_limit", "10", 10),
    ("journal_bytes", "65536", 65_536),
    ("allow_targets", "shop,*.test,10.0.0.0/8", ("shop", "*.test", "10.0.0.0/8")),
    ("token_key", "k", "k"),
    ("token_lifetime", "10d", timedelta(days=10)),
    ("token_digits", "64", 64),
    ("bearer_for_token", "no", False),
    ("expiry_key", "both", "both"),
    ("charset_from", "query", "query"),
    ("message_source", "no", False),
    ("webhook_delay", "60s", timedelta(minutes=1)),
    ("webhook_interval", "5s", timedelta(seconds=5)),
    ("webhook_attempts", "3", 3),
    ("webhook_timeout", "500ms", timedelta(milliseconds=500)),
    ("magic_values", "no", False),
    ("tid_signs_find", "no", False),
    ("public_url", "https://pay.shop.example/", "https://pay.shop.example"),
    ("session_lifetime", "1h", timedelta(hours=1)),
    ("session_keys", "apprStatus", "apprStatus"),
    ("session_id_bytes", "64", 64),
    ("checkout_goods_bytes", "40", 40),
    ("checkout_url_bytes", "500", 500),
    ("fake_auth", "no", False),
    ("session_in_lookups", "no", False),
    ("hours_before_date", "yes", True),
    ("card_checks", "yes", True),
    ("regist_keys", "pascal", "pascal"),
    ("deleted_bid", "U115", "U115"),
    ("bid_status", "yes", True),
    ("beta_dates", "no", False),
    ("webhook_answer", "contains", "contains"),
    ("sandbox_webhooks", "no", False),
    ("auto_pay", "decline:3011", "decline:3011"),
    ("receipt_links", "local", "local"),
    ("http_statuses", "OFF", False),
    ("self_check", "1", True),
]


@pytest.mark.parametrize(("name", "text", "expected"), GOOD)
def test_every_setting_is_read_from_text(name: str, text: str, expected: Any) -> None:
    """The same text means the same as an argument and in the environment."""
    environment = {f"MOCK_NICEPAY_{name.upper()}": text}
    assert [expected, expected] == [
        getattr(read(**{name: text}), name),
        getattr(read(environment), name),
    ]


def test_an_empty_list_was_not_given() -> None:
    """An option that may be repeated, and was not used, leaves the environment's word."""
    assert ("slow",) == read({"MOCK_NICEPAY_SCENARIO": "slow"}, scenario=()).scenario


def test_the_table_above_is_complete() -> None:
    """A new setting needs a row of good values, and one of bad ones unless any text will do."""
    assert list(NAMES) == [name for name, _, _ in GOOD]
    assert set(NAMES) - ANY_TEXT == {name for name, _, _ in BAD}


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        (("slow", "fast"), "scenario", ["slow", "fast"]),
        (("a.yaml",), "scenario", (Path("a.yaml"),)),
        (("a.yaml",), "merchants", Path("a.yaml")),
        ((), "scenario", ()),
        (64, "token_digits", 64),
        (True, "self_check", True),
        (False, "bearer_for_token", False),
        (timedelta(hours=1), "token_lifetime", timedelta(hours=1)),
        (ClockSetting(), "clock", ClockSetting()),
    ],
)
def test_values_of_the_right_type_need_no_text(expected: Any, name: str, value: Any) -> None:
    """What Python has a type for may be given as that."""
    assert expected == getattr(read(**{name: value}), name)


ANY_TEXT = {"host", "token_key", "scenario", "merchants", "plans"}
BAD: list[tuple[str, Any, str]] = [
    ("admin_key", " ", "the key has blanks around it"),
    ("admin_key", "k\n", "the key has blanks around it"),
    ("port", "65536", "'65536' is not a whole number from 0 to 65535"),
    ("port", "-1", "'-1' is not a whole number from 0 to 65535"),
    ("port", "http", "'http' is not a whole number"),
    ("port", "--5", "'--5' is not a whole number"),
    ("port", "1.5", "'1.5' is not a whole number"),
    ("port", "", "'' is not a whole number"),
    ("port", "٣", "'٣' is not a whole number"),
    ("port", 70_000, "'70000' is not a whole number"),
    ("port", True, "'True' is not a whole number"),
    ("port", 80.0, "float is not understood; write PORT"),
    ("edition", "gatway", "'gatway' is none of union, manual, gateway; did you mean gateway?"),
    ("edition", "1999", "'1999' is none of union, manual, gateway"),
    ("edition", 5, "'5' is none of union"),
    ("sandbox_limits", "maybe", "'maybe' is neither yes nor no"),
    ("sandbox_limits", 2, "'2' is neither yes nor no"),
    ("store", "redis://x", "'redis' is not a store, or its address is incomplete: write"),
    (
        "store",
        "sqlite://x",
        "'sqlite' is not a store, or its address is incomplete: write",
    ),
    ("store", "sqlite://", "sqlite:// needs the name of a file"),
    ("store", "sqlite:///:memory:", "without a file use memory://"),
    ("store", "memory", "'memory' is not a store, or its address is incomplete: write"),
    ("store", "postgresql://", "'postgresql' is not a store, or its address is incomplete"),
    ("workers", "0", "'0' is not a whole number from 1 to 64"),
    ("clock", "noon", "'noon' is not a clock setting: write `real`, a time such as"),
    ("clock", datetime(2026, 1, 1, tzinfo=KST), "datetime is not understood; write real|ISO_TIME"),
    ("seed", "one", "'one' is not a whole number from -9223372036854775808 to 9223372036854775808"),
    ("seed", "9" * 30, "is not a whole number"),
    ("allowed_hosts", "http://mock:8090", "'http://mock:8090' is not a name; write it alone"),
    ("allowed_hosts", "mock,a*.test", "'a*.test' is not a name; write it alone"),
    ("log", "Quiet", "'Quiet' is none of human, json, quiet; did you mean quiet?"),
    ("journal_size", "0", "'0' is not a whole number from 1 to 100000"),
    ("body_limit", "1023", "'1023' is not a whole number from 1024 to 1073741824"),
    ("connection_limit", "15", "'15' is not a whole number from 16 to 100000"),
    ("merchant_limit", "0", "'0' is not a whole number from 1 to 10000000"),
    ("journal_bytes", "1", "'1' is not a whole number from 65536 to 1099511627776"),
    (
        "allow_targets",
        "http://shop",
        "'http://shop' is not a host; write its name alone, such as shop",
    ),
    ("token_lifetime", "soon", "'soon' is not a duration: write it as 500ms, 2s, 31m"),
    ("token_lifetime", "999ms", "'999ms' is out of range: from 1s to 3650d"),
    ("token_lifetime", 1800, "'1800' is not a duration"),
    ("token_digits", "50", "'50' is none of 40, 64"),
    ("bearer_for_token", "", "'' is neither yes nor no"),
    ("expiry_key", "expiresAt", "'expiresAt' is none of expireAt, expiredAt, both; did you mean"),
    ("charset_from", "header", "'header' is none of query, body, both"),
    ("message_source", "nicepay", "'nicepay' is neither yes nor no"),
    ("tid_signs_find", "maybe", "'maybe' is neither yes nor no"),
    ("webhook_delay", "2d", "'2d' is out of range: at most 1d"),
    ("webhook_interval", "soon", "'soon' is not a duration"),
    ("webhook_attempts", "0", "'0' is not a whole number from 1 to 1000"),
    ("webhook_timeout", "11m", "'11m' is out of range: at most 10m"),
    ("magic_values", "ja", "'ja' is neither yes nor no"),
    ("public_url", "pay.shop.example", "'pay.shop.example' is not an address; write one such as"),
    ("session_lifetime", "0s", "'0s' is out of range: from 1s to 3650d"),
    ("session_keys", "state", "'state' is none of status, apprStatus, both"),
    ("session_id_bytes", "65", "'65' is none of 64, 256"),
    ("checkout_goods_bytes", "41", "'41' is none of 40, 100"),
    ("checkout_url_bytes", "501", "'501' is none of 500, 2500"),
    ("fake_auth", "fake", "'fake' is neither yes nor no"),
    ("session_in_lookups", "", "'' is neither yes nor no"),
    ("hours_before_date", "live", "'live' is neither yes nor no"),
    ("card_checks", "luhn", "'luhn' is neither yes nor no"),
    ("regist_keys", "Camel", "'Camel' is none of camel, pascal; did you mean camel?"),
    ("deleted_bid", "309", "'309' is none of U309, U115"),
    ("bid_status", "toss", "'toss' is neither yes nor no"),
    ("beta_dates", "2023", "'2023' is neither yes nor no"),
    ("webhook_answer", "ok", "'ok' is none of exact, html, contains"),
    ("sandbox_webhooks", "e24", "'e24' is neither yes nor no"),
    ("auto_pay", "pay", "'pay' is none of approve, decline, decline:3011, close, timeout"),
    ("receipt_links", "here", "'here' is none of recorded, local"),
    ("http_statuses", "200", "'200' is neither yes nor no"),
    ("self_check", "y", "'y' is neither yes nor no"),
]


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_a_bad_argument_is_explained(name: str, value: Any, expected: str) -> None:
    """One line: the option, what was given, what would be right."""
    with pytest.raises(SettingError) as wrong:
        read(**{name: value})
    assert str(wrong.value).startswith(f"--{name.replace('_', '-')}: ")
    assert expected in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "text", "expected"), [row for row in BAD if isinstance(row[1], str)]
)
def test_a_bad_environment_is_explained(name: str, text: str, expected: str) -> None:
    """The same, with the name of the variable."""
    variable = f"MOCK_NICEPAY_{name.upper()}"
    with pytest.raises(SettingError) as wrong:
        read({variable: text})
    assert str(wrong.value).startswith(f"{variable}: ")
    assert expected in str(wrong.value)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("there is no setting 'editon'; did you mean edition?", "editon"),
        ("there is no setting 'Port'; did you mean port?", "Port"),
        ("there is no setting 'zzz'", "zzz"),
    ],
)
def test_an_unknown_setting_is_refused(expected: str, name: str) -> None:
    """With the nearest name there is."""
    with pytest.raises(SettingError) as wrong:
        read(**{name: None})
    assert expected == str(wrong.value)


def test_the_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping it is the process's own."""
    monkeypatch.setenv("MOCK_NICEPAY_JOURNAL_SIZE", "7")
    assert 7 == Settings.read({}).journal_size


@pytest.mark.parametrize(
    ("expected", "edition", "options"),
    [
        (("gateway", False, ("expireAt",), ("query",)), "", {"edition": "gateway"}),
        (("manual", True, ("expiredAt",), ("body",)), "manual", {"edition": "gateway"}),
        (
            ("gateway", True, ("expireAt",), ("query",)),
            "",
            {"edition": "gateway", "bearer_for_token": "yes"},
        ),
        (
            ("manual", False, ("expireAt", "expiredAt"), ("query",)),
            "manual",
            {"bearer_for_token": "no", "expiry_key": "both", "charset_from": "query"},
        ),
    ],
)
def test_switches_are_set_over_the_edition(
    expected: tuple[Any, ...], edition: str, options: dict[str, Any]
) -> None:
    """A merchant's edition counts before the sandbox's, and a switch counts in every edition."""
    switched = read(**options).switches(edition)
    assert expected == (
        switched.name,
        switched.bearer_for_token,
        switched.expiry_keys,
        switched.charset_sources,
    )


def test_a_command_reaches_the_server_past_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood in NO_PROXY stays, and the admin key is handed on to our plugin."""
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.delenv("no_proxy", raising=False)
    environment = environment_for("http://127.0.0.1:1", "S2_a", "secret", "key")
    assert ("intranet,127.0.0.1", "127.0.0.1", "key") == (
        environment["NO_PROXY"],
        environment["no_proxy"],
        environment["MOCK_NICEPAY_ADMIN_KEY"],
    )


def test_the_environment_of_a_command_finds_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four variables, added to those there are."""
    monkeypatch.setenv("SHOP", "yes")
    environment = environment_for("http://127.0.0.1:1", "S2_a", "secret")
    assert ("yes", "http://127.0.0.1:1", "S2_a", "secret", "http://127.0.0.1:1/v1/js/") == (
        environment["SHOP"],
        *(
            environment[f"NICEPAY_{name}"]
            for name in ("BASE_URL", "CLIENT_ID", "SECRET_KEY", "JS_URL")
        ),
    )


@pytest.mark.parametrize(
    ("expected", "url"), [("", None), ("http://h:1", "http://h:1/"), ("http://h:1", "http://h:1")]
)
def test_a_running_server_is_named_by_the_environment(
    expected: str, url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a slash at its end; empty when there is none."""
    monkeypatch.delenv("MOCK_NICEPAY_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("MOCK_NICEPAY_URL", url)
    assert expected == running_server_url()
