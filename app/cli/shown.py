"""An executor whose runs are seen on the terminal, line by line, with the same masks and times as the log that a worker keeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

import click

from app.executors import ChunkedLog, Executor, Log, Materials
from app.workflow.plan import Plan, Result

HERE = ("local", "inline")
"""Executors that change nothing but what is on this machine."""


@dataclass(slots=True)
class Terminal:
    """Sections go to standard error, so that `out` has the log and nothing else."""

    log: ChunkedLog
    out: TextIO

    def section(self, name: str) -> None:
        self.log.section(name)
        self.out.flush()
        click.secho(f"== {name}", err=True, bold=True)

    def write(self, output: bytes) -> None:
        self.log.write(output)


@dataclass(slots=True)
class Both:
    """Two logs as one."""

    one: Log
    other: Log

    def section(self, name: str) -> None:
        self.one.section(name)
        self.other.section(name)

    def write(self, output: bytes) -> None:
        self.one.write(output)
        self.other.write(output)


@dataclass(slots=True)
class Shown:
    """Carries plans out by `executor`. `most` is the longest log that is shown, in characters; `results`: how they ended, in order."""

    executor: Executor
    most: int
    out: TextIO
    results: list[Result] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.executor.name

    def isolated(self) -> str:
        return self.executor.isolated()

    def sweep(self) -> None:
        self.executor.sweep()

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:
        seen = ChunkedLog(lambda _section, text, _at: self._show(text), materials.mask, time.time, self.most)
        try:
            result = self.executor.run(plan, materials, Both(log, Terminal(seen, self.out)), should_stop)
        finally:
            seen.close()
        self.results.append(result)
        return result

    def _show(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
