"""An executor without processes: each job does what it was told to, everything else succeeds at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from app.executors import Log, Materials
from app.workflow.line import Status
from app.workflow.plan import Plan, Result

Act: TypeAlias = Callable[[Plan, Callable[[], str]], Result]

SUCCESS = Result(Status.SUCCEEDED, code=0)


def failing(code: int = 1) -> Act:
    return lambda plan, should_stop: Result(Status.FAILED, f"exit code {code}", code)


def ending(result: Result) -> Act:
    return lambda plan, should_stop: result


@dataclass
class ScriptedExecutor:
    """`acts`: job -> what it does. `plans` are what was executed, in order. `leak` is what `isolated` answers."""

    name: str = "local"
    acts: dict[str, Act] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    leak: str = ""

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:
        self.plans.append(plan)
        log.section("Setup")
        log.write(f"{plan.job} runs\n".encode())
        act = self.acts.get(plan.job)
        result = act(plan, should_stop) if act else SUCCESS
        if result.reason:
            log.write(f"{result.reason}\n".encode())
        return result

    def sweep(self) -> None:
        """Nothing is ever left."""

    def isolated(self) -> str:
        return self.leak
