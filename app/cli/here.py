"""What a command finds when it starts: settings and context, each made when it is first asked for, and whether JSON is wanted."""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.context import Context
    from config.settings import Settings


class BadConfiguration(click.ClickException):
    """Settings are wrong or missing: as much a usage error as a wrong option."""

    exit_code = 2


class Here:
    """One per invocation. Tests give it a context that is built already."""

    def __init__(self, context: Context | None = None) -> None:
        self.json = False
        if context is not None:
            self.settings = context.settings
            self.context = context

    @cached_property
    def settings(self) -> Settings:
        """Raises BadConfiguration naming every wrong value."""
        from config.settings import BadSettings, load  # imported here: `gateline --help` needs no settings

        try:
            return load()
        except BadSettings as problem:
            raise BadConfiguration(str(problem)) from None

    @cached_property
    def context(self) -> Context:
        """The same ports that the service's processes have. Raises BadConfiguration."""
        import structlog  # imported here, like the rest: `gateline --help` builds nothing

        from app.wire import build
        from config.logging import set_up
        from config.settings import BadSettings

        set_up(self.settings, "cli")
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        self._own_key()
        try:
            return build(self.settings)
        except BadSettings as problem:
            raise BadConfiguration(str(problem)) from None

    @property
    def key_file(self) -> Path | None:
        """Where a one-machine installation keeps the key that it made itself; None when the settings have keys."""
        settings = self.settings
        return None if settings.secret_key or not settings.embedded else settings.data_dir.absolute() / "secret.key"

    def _own_key(self) -> None:
        """Makes that key when it is wanted for the first time, and says so."""
        from config.settings import secret_key  # imported here: `gateline --help` needs no settings

        if self.key_file and secret_key(self.settings.data_dir)[1]:
            sentence = (
                f"A secret key was made: {self.key_file} (mode 0600). Keep a copy: without it the secrets that are stored cannot be read."
            )
            click.echo(sentence, err=True)

    @property
    def served(self) -> Context:
        """The context over a database that this version understands. Raises Permanent when it has to be migrated first."""
        self.context.store.check_schema()
        return self.context


pass_here = click.make_pass_decorator(Here)
