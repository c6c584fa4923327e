"""How each command of ours is made: it takes `--json`, shows examples in its help, and returns a `Printout` instead of printing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from app.cli.here import Here
from app.cli.printout import Printout, show
from app.errors import GatelineError


class Command(click.Command):
    """`examples` are whole lines to type."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.params.append(
            click.Option(["--json"], is_flag=True, expose_value=False, callback=_wants_json, help="The same content as JSON.")
        )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            printout = super().invoke(ctx)
        except GatelineError as problem:
            raise click.ClickException(str(problem)) from None
        if isinstance(printout, Printout):
            show(printout, ctx.ensure_object(Here).json)
            ctx.exit(0 if printout.fine else 1)
        return printout

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write_text(example)


def _wants_json(ctx: click.Context, _option: click.Parameter, given: bool) -> None:
    ctx.ensure_object(Here).json = given


class Group(click.Group):
    """A command with commands of its own, each made by `Command`."""

    command_class = Command


def command(name: str, *examples: str, hidden: bool = False) -> Callable[[Callable[..., Any]], Command]:
    """Makes a function a command at the top of the line."""
    return click.command(name, cls=Command, examples=examples, hidden=hidden)
