"""What a request finds in its Flask application: the context and the counters."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

from flask import Flask, current_app

from app.context import Context
from app.web.metrics import Metrics

NAME = "gateline"

LARGEST = 26 * 1024 * 1024
"""Bytes of a request: GitHub sends up to 25 MB (spec/forges.md section A1)."""


@dataclass(frozen=True, slots=True)
class Here:
    """One per application."""

    context: Context
    metrics: Metrics = field(default_factory=Metrics)

    def bind(self, flask: Flask) -> None:
        flask.extensions[NAME] = self
        flask.config["MAX_CONTENT_LENGTH"] = LARGEST

    @property
    def disk_full(self) -> bool:
        """Whether so little disk is left that nothing new may be taken in (`GATELINE_MIN_FREE`)."""
        settings = self.context.settings
        return shutil.disk_usage(settings.data_dir).free < settings.min_free


def here() -> Here:
    """Of the application that answers the current request."""
    found: Here = current_app.extensions[NAME]
    return found
