"""The contract of an executor: it carries out a plan in a workspace, and leaves nothing behind.

* A run executes at most once. An executor never retries anything that a script did.
* Everything it starts is gone when `run` returns, and within the lease when its own process dies (a reaper sees to that).
* The environment and the files of a run are those of the plan, nothing else; secrets come from `Materials` and are masked in the log
  before a byte leaves the process.
* It asks `should_stop()` at least every second: "" to go on, otherwise the reason; then TERM within 3 s, gone within 15 s.
* The sections of `Plan.account` open the log (`preface` writes them).
* Time-outs (`Plan.timeout`) count set-up too. It ends as `TIMED_OUT` with no script sections run.
* It reports what happened as a `Result`; exceptions are for its own faults, which the caller reports as `ERRORED`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from app.executors._log import ChunkedLog as ChunkedLog
from app.forges import CloneSource
from app.workflow.plan import Plan, Result


class Log(Protocol):
    """Where a run's output goes; masked, numbered and stored behind it."""

    def section(self, name: str) -> None:
        """Starts a section (Setup, a task's name, on_success …); the one before it ends."""
        ...

    def write(self, output: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Materials:
    """What a plan only names, fetched for this run: secret values, clone sources, state files.

    `secrets`: integration -> field -> value. `sealed`: a `secure` text -> its key-values. `clones`: repository id -> source.
    `fetch(key, folder)` lays stored files down in `folder`; `keep(folder)` stores a folder's files and returns their key (None when it
    has none). `mask` are all strings never to be shown. `fetch_cache(file)` lays the planned cache down as `file`, and answers whether
    there is one; `keep_cache(content)` stores another.
    """

    secrets: Mapping[str, Mapping[str, str]]
    clones: Mapping[str, CloneSource]
    fetch: Callable[[str, Path], None]
    keep: Callable[[Path], str | None]
    mask: tuple[str, ...] = ()
    sealed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fetch_cache: Callable[[Path], bool] | None = None
    keep_cache: Callable[[IO[bytes]], None] | None = None


def preface(plan: Plan, log: Log) -> None:
    """Writes what the plan has to say before anything runs."""
    for section in plan.account:
        log.section(section.name)
        log.write("".join(f"{line}\n" for line in section.lines).encode())


class Executor(Protocol):
    @property
    def name(self) -> str: ...

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result: ...

    def sweep(self) -> None:
        """Ends and removes what runs of dead workers left on this machine. Whoever serves runs asks for it every few seconds."""
        ...

    def isolated(self) -> str:
        """ "" when a run sees only what it may (product.md section 8), otherwise a sentence that says what it could see."""
        ...
