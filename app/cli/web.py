"""The web process: gunicorn with sync workers, each with a context of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn ships no types

from app import create_app
from app.cli.supervise import die_with_parent
from app.wire import build

if TYPE_CHECKING:
    from flask import Flask

    from config.settings import Settings

GRACE = 10
"""Seconds that requests in hand get after SIGTERM; ours take far less."""
PATIENCE = 60
"""Seconds that one request may take: a writer waits up to 30 s for the database."""


def _leave_with_the_master(_server: object, _worker: object) -> None:
    """gunicorn's workers look for their master only every half PATIENCE: until then a killed one's would hold the address."""
    die_with_parent()


class Web(BaseApplication):  # type: ignore[misc]  # likewise
    """Serves until SIGTERM. The application is made in each worker, behind the fork: no database connection is shared."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        chosen: dict[str, Any] = {
            "bind": self._settings.bind,
            "workers": self._settings.web_workers,
            "worker_class": "sync",
            "preload_app": False,
            "graceful_timeout": GRACE,
            "timeout": PATIENCE,
            "loglevel": "warning",
            "proc_name": "gateline web",
            "limit_request_field_size": 16_384,
            "control_socket_disable": True,  # it would be made in the user's home folder
            "post_fork": _leave_with_the_master,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(build(self._settings))
