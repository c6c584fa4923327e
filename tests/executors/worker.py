"""A worker for the tests that kill one: `python -m tests.executors.worker DATA auto|off MARK SCRIPT`.

Tells its log, then the result's status.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.executors import Materials
from app.executors._supervise import Pulse
from app.executors.local import LocalExecutor
from app.workflow.plan import Plan, PlannedTask


class Telling:
    def section(self, name: str) -> None:
        self.write(f"section {name}\n".encode())

    def write(self, output: bytes) -> None:
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()


def main(data: str, sandbox: str, mark: str, script: str) -> None:
    executor = LocalExecutor(Path(data), sandbox, pulse=Pulse(beat=0.3, lease=1.5, grace=1.0))
    materials = Materials({}, {}, lambda key, folder: None, lambda folder: None)
    plan = Plan("build", 1, (("MARK", mark),), tasks=(PlannedTask("Task 0", (script,)),))
    result = executor.run(plan, materials, Telling(), lambda: "")
    Telling().write(f"ended {result.status}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
