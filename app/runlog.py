"""A run's log on its way from the executor to the store: masked, cut into numbered chunks, fenced by the run's token."""

from __future__ import annotations

from types import TracebackType

from app.context import Context
from app.executors._log import ChunkedLog
from app.store import Chunk, RunView


class RunLog:
    """A `Log` of one run, as a context manager: what is held back is written at the end. Writing raises Stale for a lost run."""

    def __init__(self, context: Context, view: RunView, mask: tuple[str, ...]) -> None:
        self._context = context
        self._view = view
        self._number = 0
        self._log = ChunkedLog(self._append, mask, context.store.now, context.settings.max_log)

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._log.close()

    def section(self, name: str) -> None:
        self._log.section(name)

    def write(self, output: bytes) -> None:
        self._log.write(output)

    def _append(self, section: str, text: str, at: float) -> None:
        self._number += 1
        chunk = Chunk(self._number, at, section, text)
        self._context.store.append_log(self._view.account, self._view.run.ref, self._view.run.token, [chunk])
