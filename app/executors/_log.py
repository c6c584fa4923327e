"""The log of a run on its way to the store: masked, decoded, with a time on each line, in chunks of at most a second or 256 KB."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from app.executors._mask import Masker

CHUNK = 256 * 1024
"""Characters of one chunk at most."""
PERIOD = 1.0
"""Seconds that a chunk collects output."""
TAIL = 32 * 1024
"""Characters of the end that are kept of a log that is too long."""


class ChunkedLog:
    """A `Log`. `sink(section, text, at)` takes one chunk: lines of `text` begin with an ISO time and a space.

    A line that the end of a chunk cuts goes on in the next. `mask` are the texts never to be shown, `now` tells seconds since the
    epoch, `limit` is the most characters to be kept: after these only the last 32 KiB, behind a note. An empty `write` says that
    time has passed. `close` passes on what is left.
    """

    def __init__(self, sink: Callable[[str, str, float], None], mask: Iterable[str], now: Callable[[], float], limit: int) -> None:
        self._sink = sink
        self._masker = Masker(mask)
        self._now = now
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._section = ""
        self._waiting: list[str] = []
        self._size = 0
        self._since = 0.0
        self._sent = 0
        self._line_open = False
        self._tail = ""
        self._dropped = 0

    def section(self, name: str) -> None:
        self._finish()
        self._section = name

    def write(self, output: bytes) -> None:
        if output:
            self._take(self._decoder.decode(self._masker.feed(output)))
        if self._waiting and (self._size >= CHUNK or self._now() - self._since >= PERIOD):
            self._flush()

    def close(self) -> None:
        """Ends the log. It may be called twice."""
        self._finish()
        if self._tail:
            note = f"… {self._dropped - len(self._tail)} characters are left out here: the log is longer than {self._limit} …\n"
            tail, self._tail = self._tail, ""
            self._sink(self._section, _stamp(self._now()) + note + tail, self._now())

    def _finish(self) -> None:
        self._take(self._decoder.decode(self._masker.flush(), final=True))
        self._decoder.reset()
        if self._line_open:
            self._append("\n")
            self._line_open = False
        self._flush()

    def _take(self, text: str) -> None:
        """Stamps the lines of a piece of output."""
        if not text:
            return
        now = self._now()
        stamp = _stamp(now)
        lines = text.replace("\0", "\ufffd").split("\n")
        last = lines.pop()
        for line in lines:
            self._append(f"{line}\n" if self._line_open else f"{stamp}{line}\n")
            self._line_open = False
        if last:
            self._append(last if self._line_open else stamp + last)
            self._line_open = True

    def _append(self, text: str) -> None:
        if not self._waiting:
            self._since = self._now()
        self._waiting.append(text)
        self._size += len(text)

    def _flush(self) -> None:
        text = "".join(self._waiting)
        self._waiting, self._size = [], 0
        allowed = text[: max(0, self._limit - self._sent)]
        self._sent += len(allowed)
        for start in range(0, len(allowed), CHUNK):
            self._sink(self._section, allowed[start : start + CHUNK], self._now())
        beyond = text[len(allowed) :]
        self._dropped += len(beyond)
        self._tail = (self._tail + beyond)[-TAIL:]


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") + " "
