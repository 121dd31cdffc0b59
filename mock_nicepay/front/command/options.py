"""The options of `serve` and `run`, made from the table of settings: each setting is an option.

Values are passed on as text; the module `settings` reads them, and the environment.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from typing import Any, TypeVar

import click

from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.settings import PREFIX, Settings

F = TypeVar("F", bound=Callable[..., Any])
_FLAGS = {True: "yes", False: None}  # a flag that is not given leaves the setting open
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def _from_start(name: str, default: Any) -> Any:
    """A row of the settings with another default."""
    row = {each.name: each for each in fields(Settings)}[name]
    return field(default=default, metadata=row.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings(Settings):
    """The settings of `run`: by default a free port, and no log between the command's output."""

    port: int = _from_start("port", 0)
    log: str = _from_start("log", "quiet")


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One setting as an option, as --help and docs/cli.md show it."""

    name: str
    form: str  # empty: a flag
    help: str
    default: str  # as it would be typed; empty: none, or a flag
    many: bool

    @property
    def option(self) -> str:
        """`--sandbox-limits`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def environment(self) -> str:
        """`MOCK_NICEPAY_SANDBOX_LIMITS`."""
        return f"{PREFIX}{self.name.upper()}"


def option_rows(table: type[Settings]) -> list[OptionRow]:
    """Every setting as an option, in the order of the table."""
    return [
        OptionRow(
            name=row.name,
            form="" if row.default is False else row.metadata["form"],
            help=row.metadata["help"],
            default=_default_text(row),
            many=row.metadata["many"],
        )
        for row in fields(table)
    ]


def setting_options(table: type[Settings]) -> Callable[[F], F]:
    """A decorator that gives a command an option for each setting."""

    def decorate(command: F) -> F:
        for row in reversed(option_rows(table)):
            command = _option(row)(command)
        return command

    return decorate


def read_settings(table: type[Settings], given: Mapping[str, Any]) -> Settings:
    """The settings from the options that click parsed. Raises `SettingError`."""
    return table.read({name: _FLAGS.get(value, value) for name, value in given.items()})


def _option(row: OptionRow) -> Callable[[F], F]:
    notes = [f"default {row.default}"] if row.default else []
    notes += ["repeatable"] if row.many else []
    help_ = f"{row.help[:1].upper()}{row.help[1:]}.  [{', '.join([*notes, row.environment])}]"
    if not row.form:
        return click.option(row.option, row.name, is_flag=True, default=None, help=help_)
    return click.option(row.option, row.name, metavar=row.form, multiple=row.many, help=help_)


def _default_text(row: "Field[Any]") -> str:
    value = row.default
    if value is None:
        return "as the edition says"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, ClockSetting):
        return value.mode
    if isinstance(value, timedelta):
        return _span_text(value)
    return str(value) if value != () else ""


def _span_text(span: timedelta) -> str:
    """A time span as it would be typed: `30m`."""
    seconds = int(span.total_seconds())
    if not seconds:
        return "0s"
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"
