"""A group of commands, such as `mock-nicepay` and `mock-nicepay encdata`."""

from typing import Any

import click

from mock_nicepay.contract.spelling import did_you_mean


class Commands(click.Group):
    """Commands in the order of declaration. A missing or unknown one is an error that lists them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            raise click.UsageError(
                f"a command is missing; there are {', '.join(self.commands)}", ctx
            )
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            hint = did_you_mean(args[0], self.commands, f"there are {', '.join(self.commands)}")
            raise click.UsageError(f"there is no command {args[0][:100]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)
