"""The errors of Gateline, ordered by what the caller can do about them.

    GatelineError
    |- Refused        the request is understood and the answer is no: say why, change nothing (HTTP 4xx, exit 1)
    |  `- NotFound    ... because there is no such thing (HTTP 404)
    |- Temporary      nothing is wrong with the request: try again after `after` seconds
    `- Permanent      it will fail again just the same: report it, do not retry

An expected "no" inside the core is a value, not one of these (architecture.md section 6, rule 8).
"""

from __future__ import annotations


class GatelineError(Exception):
    """Base of every error that Gateline raises on purpose. `str()` is a sentence fit for a user."""


class Refused(GatelineError):
    """The answer is no."""


class NotFound(Refused):
    """There is no such thing, or the asker may not know that there is."""


class Temporary(GatelineError):
    """Try again, not sooner than `after` seconds (None: the caller's own backoff)."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class Permanent(GatelineError):
    """Trying again would not help."""
