"""A run's log on its way from the executor to the store: masked, cut into numbered chunks, fenced by the run's token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, TypeVar

from app.context import Context
from app.executors._log import ChunkedLog
from app.store import Chunk, ClaimedCell, RunView

Answer = TypeVar("Answer")


class Patience(Protocol):
    """Who keeps the run's lease (`Beat`)."""

    def insist(self, action: Callable[[], Answer], unless: Callable[[], str]) -> Answer: ...
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Journal:
    """Where the chunks of a log go: `append` keeps one, `after` is the number of the last that is there."""

    append: Callable[[Chunk], None]
    after: int = 0


def log_of_run(context: Context, view: RunView, after: int = 0) -> Journal:
    def append(chunk: Chunk) -> None:
        context.store.append_log(view.account, view.run.ref, view.run.token, [chunk])

    return Journal(append, after)


def log_of_cell(context: Context, claimed: ClaimedCell) -> Journal:
    def append(chunk: Chunk) -> None:
        context.store.append_cell_log(claimed, [chunk])

    return Journal(append)


class RunLog:
    """A `Log` of one run or cell, as a context manager: what is held back is written at the end. Writing raises Stale for a lost run.

    Writing waits for a database that is away, until there is a reason to stop the run; the end waits whatever there is.
    """

    def __init__(self, context: Context, journal: Journal, mask: tuple[str, ...], patience: Patience) -> None:
        self._context = context
        self._journal = journal
        self._patience = patience
        self._unless = patience.reason
        self.number = journal.after
        self._log = ChunkedLog(self._append, mask, self._now, context.settings.max_log)

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._unless = lambda: ""
        self._log.close()

    def section(self, name: str) -> None:
        self._log.section(name)

    def write(self, output: bytes) -> None:
        self._log.write(output)

    def _append(self, section: str, text: str, at: float) -> None:
        self.number += 1
        chunk = Chunk(self.number, at, section, text)
        self._patience.insist(lambda: self._journal.append(chunk), self._unless)

    def _now(self) -> float:
        return self._patience.insist(self._context.store.now, self._unless)
