"""A group of commands, as `mock-nicepay` and `mock-nicepay encdata` are."""

from typing import Any

import click

from mock_nicepay.contract.spelling import did_you_mean


class Commands(click.Group):
    """The commands in the order they are declared; an unknown one is told the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            hint = did_you_mean(args[0], self.commands, f"there are {', '.join(self.commands)}")
            raise click.UsageError(f"there is no command {args[0][:100]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)
