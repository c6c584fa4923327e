"""The service's own log: structured lines, one event each, with secrets masked."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, WrappedLogger

from config.settings import Settings

SHOWN = "***"


def set_up(settings: Settings, process: str) -> None:
    """Every line names its `process`; values of secret settings never appear in one."""
    secrets = tuple(sorted(_secrets(settings), key=len, reverse=True))
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masking(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s [%(levelname)s] %(name)s %(message)s", force=True)


def _secrets(settings: Settings) -> Iterable[str]:
    for name in ("github_token", "github_webhook_secret", "github_app_private_key", "slack_bot_token", "slack_webhook_url"):
        value = getattr(settings, name)
        if value is not None:
            yield value.get_secret_value()
    yield from (key.get_secret_value() for key in settings.secret_key)


def _masking(secrets: tuple[str, ...]) -> structlog.typing.Processor:
    def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if isinstance(value, str):
                for secret in secrets:
                    value = value.replace(secret, SHOWN)
                event[key] = value
        return event

    return mask
