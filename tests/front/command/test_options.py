"""Options are made from the table of settings."""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mock_nicepay.front.command.options import (
    OptionRow,
    RunSettings,
    option_rows,
    read_settings,
    setting_options,
)
from mock_nicepay.settings import Settings

TEXT = {"help": "help", "read": str, "form": "FORM", "many": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Settings):
    """Settings with kinds of rows that `Settings` does not have yet."""

    new_text: str = field(default="word", metadata=TEXT)
    new_flag: bool = field(default=False, metadata=TEXT)
    new_many: tuple[str, ...] = field(default=(), metadata={**TEXT, "many": True})
    new_days: timedelta = field(default=timedelta(days=2), metadata=TEXT)
    new_hours: timedelta = field(default=timedelta(hours=3), metadata=TEXT)
    new_seconds: timedelta = field(default=timedelta(seconds=90), metadata=TEXT)


@click.command()
@setting_options(Table)
def given(**values: Any) -> None:
    """Print the values received."""
    click.echo(repr({name: value for name, value in values.items() if value}))


@pytest.mark.parametrize(
    ("form", "default", "name"),
    [
        ("FORM", "word", "new_text"),
        ("", "", "new_flag"),
        ("FORM", "", "new_many"),
        ("FORM", "2d", "new_days"),
        ("FORM", "3h", "new_hours"),
        ("FORM", "90s", "new_seconds"),
        ("PORT", "8090", "port"),
        ("real|ISO_TIME|OFFSET", "real", "clock"),
        ("DURATION", "30m", "token_lifetime"),
        ("yes|no", "as the edition says", "bearer_for_token"),
        ("yes|no", "yes", "http_statuses"),
        ("KEY", "", "admin_key"),
    ],
)
def test_a_setting_is_an_option(form: str, default: str, name: str) -> None:
    """A row of the table is an option of its form, with the default as it would be typed."""
    row = next(row for row in option_rows(Table) if row.name == name)

    assert (form, default) == (row.form, row.default)
    assert f"--{name.replace('_', '-')}" == row.option
    assert f"MOCK_NICEPAY_{name.upper()}" == row.environment


@pytest.mark.parametrize(
    ("found", "arguments"),
    [
        ({}, []),
        ({"new_text": "x"}, ["--new-text", "x"]),
        ({"new_flag": True}, ["--new-flag"]),
        ({"new_many": ("a,b", "c")}, ["--new-many", "a,b", "--new-many", "c"]),
        ({"clock": "-2h"}, ["--clock", "-2h"]),
        ({"port": "not a number"}, ["--port", "not a number"]),
    ],
)
def test_hands_values_on_as_text(found: dict[str, Any], arguments: list[str]) -> None:
    """Values are not parsed or checked here; an option with several values may be repeated."""
    assert f"{found}\n" == CliRunner().invoke(given, arguments).output


def test_does_not_read_the_environment() -> None:
    """Only `settings` reads environment variables."""
    assert "{}\n" == CliRunner(env={"MOCK_NICEPAY_NEW_TEXT": "x"}).invoke(given, []).output


@pytest.mark.parametrize(
    ("port", "log", "flag", "values"),
    [
        (0, "quiet", False, {"port": None, "log": None, "sandbox_limits": None}),
        (0, "quiet", False, {"sandbox_limits": False, "scenario": ()}),
        (8090, "human", True, {"port": "8090", "log": "human", "sandbox_limits": True}),
    ],
)
def test_run_begins_quietly_on_a_free_port(
    monkeypatch: pytest.MonkeyPatch, port: int, log: str, flag: bool, values: dict[str, Any]
) -> None:
    """`run` has two defaults of its own; a given value wins, even if it is the default of `serve`."""
    for row in option_rows(RunSettings):
        monkeypatch.delenv(row.environment, raising=False)
    settings = read_settings(RunSettings, values)

    assert (port, log, flag) == (settings.port, settings.log, settings.sandbox_limits)


def test_run_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins over the defaults of `run`, even if its value is the default of `serve`."""
    monkeypatch.setenv("MOCK_NICEPAY_LOG", "human")

    assert "human" == read_settings(RunSettings, {}).log


def test_run_changes_two_defaults_and_nothing_else() -> None:
    """Names, order and everything else of the options are those of `serve`."""
    changed: list[OptionRow] = [
        row for row in option_rows(RunSettings) if row not in option_rows(Settings)
    ]

    assert ["port", "log"] == [row.name for row in changed]
    assert [row.name for row in fields(Settings)] == [row.name for row in fields(RunSettings)]
