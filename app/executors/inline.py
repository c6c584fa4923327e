"""Runs that are done once they are planned: what Gateline itself works out, such as a manifest or a release. Nothing is started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from app.executors import Log, Materials, preface
from app.workflow.line import Status
from app.workflow.plan import Plan, Result


@dataclass(frozen=True, slots=True)
class InlineExecutor:
    """An `Executor` of plans without tasks: the log tells their account, and `Plan.own` is what they leave."""

    name: ClassVar[str] = "inline"

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:  # noqa: ARG002 - see its class
        reason = should_stop()
        if reason:
            return Result(Status.CANCELLED, reason)
        preface(plan, log)
        return Result(Status.SUCCEEDED, own=plan.own)

    def sweep(self) -> None:
        """Nothing is ever left."""

    def isolated(self) -> str:
        return ""


plugin = InlineExecutor
