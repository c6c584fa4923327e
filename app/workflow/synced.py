"""What a run of an rSync job does, and what comes of adopting a source's workflow files (spec/workflow-language.md section 1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from app.workflow.definition import Problem, Severity
from app.workflow.events import Left
from app.workflow.line import Status


@dataclass(frozen=True, slots=True)
class Sync:
    """The workflow files of `source` (its key) are to be adopted."""

    source: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of adopting a source's files: `said` in a sentence, and the `problems` that they have."""

    said: str
    problems: tuple[Problem, ...]
    commit: str

    @property
    def status(self) -> Status:
        return Status.FAILED if self.errors else Status.SUCCEEDED

    @property
    def errors(self) -> int:
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def reason(self) -> str:
        return f"{self.errors} error{'s' * (self.errors != 1)} in the workflow files" if self.errors else ""

    @property
    def lines(self) -> tuple[str, ...]:
        return (self.said, *(str(problem) for problem in self.problems))

    @property
    def own(self) -> Left:
        """The rSync job's next version is called by the commit."""
        return Left(keys=(("versionName", self.commit),), bag={"commit": self.commit})
