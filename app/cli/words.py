"""Ages, moments, and texts made for comments, as a terminal shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rich.text import Text

from app.workflow.line import RunRef, Status
from app.workflow.markdown import ZERO_WIDTH

COLOURS = {
    Status.SUCCEEDED: "green",
    Status.SKIPPED: "green",
    Status.RUNNING: "blue",
    Status.QUEUED: "yellow",
    Status.TOLERATED: "yellow",
    Status.WAITING: "yellow",
    Status.CANCELLED: "dim",
}
"""Of a status; all others are bad news, and red."""

NONE = "-"

_RUN = re.compile(r"(?P<job>.+)#(?P<number>\d{1,9})")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def moment(at: float | None) -> str:
    """In UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at is not None else NONE


def span(seconds: float) -> str:
    """A length of time in its largest unit: `12 s`, `3 min`, `2 h`, `5 d`."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def ago(now: float, at: float | None) -> str:
    return f"{span(now - at)} ago" if at is not None else NONE


def status(text: str, of: Status) -> Text:
    """`text` in the colour of a status."""
    return Text(text, style=COLOURS.get(of, "red"))


def run_ref(text: str) -> RunRef | None:
    """The run that `build#12` names; None for what is no run."""
    found = _RUN.fullmatch(text)
    return RunRef(found["job"], int(found["number"])) if found else None


def typed_here(markdown: str, bot: str) -> str:
    """A text made for comments as plain text, its commands as they are typed in a shell."""
    text = markdown.replace(ZERO_WIDTH, "").replace("\\[", "[").replace("&lt;", "<")
    return re.sub(r"`+ ?([^`]*?) ?`+", r"\1", text).replace(f"/{bot} ", "gateline ")
