"""Who may do what: asked of the forge, live, by numeric id, for the repository that a job is defined in (product.md sections 3 and 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from app.commands import Right
from app.context import Context
from app.errors import GatelineError
from app.forges import Forge, Level
from app.store import Source
from app.workflow.definition import Gate, Job
from app.workflow.line import Actor, Candidate

log = structlog.get_logger(__name__)


@dataclass
class Rights:
    """What one person may do, for the length of one call: each repository is asked about once.

    `unanswered` becomes true when the forge did not answer; that counts as no.
    """

    context: Context
    by: Actor
    authors: frozenset[str] = frozenset()
    unanswered: bool = False
    _levels: dict[str, Level] = field(default_factory=dict)

    def level(self, repository: str) -> Level:
        if repository not in self._levels:
            self._levels[repository] = self._ask(repository)
        return self._levels[repository]

    def _ask(self, repository: str) -> Level:
        forge = self._forge(repository)
        if forge is None or not self.by.id.startswith(f"{forge.name}:"):
            return Level.NONE
        try:
            return forge.permission(repository, self.by)
        except GatelineError as problem:
            log.warning("rights.unanswered", repository=repository, person=self.by.id, problem=str(problem))
            self.unanswered = True
            return Level.NONE

    def _forge(self, repository: str) -> Forge | None:
        port = self.context.forges.get(repository.partition(":")[0])
        return port.api if port else None

    def read(self, repository: str, private: bool) -> bool:
        """May see the line: anybody who can read a private repository; of a public one triage, or the request's author."""
        return self.by.id in self.authors or self.level(repository) >= (Level.READ if private else Level.TRIAGE)

    def writes(self, repository: str) -> bool:
        return self.level(repository) >= Level.WRITE

    def may(self, right: Right, job: Job, source: Source, waiting: Iterable[Candidate] = ()) -> bool:
        """Whether the person has `right` on `job`. `waiting` candidates keep the gate that they were proposed under."""
        gates = [each.definition.gate for each in waiting if each.definition.gate] or ([job.gate] if job.gate else [])
        match right:
            case Right.READ:
                return self.read(source.repository, source.private)
            case Right.GATE if gates:
                return any(self.answers(gate, source.repository) for gate in gates)
            case Right.END if gates:
                return all(self.answers(gate, source.repository) for gate in gates)
            case Right.ADMIN:
                return self.level(source.repository) >= Level.ADMIN
            case _:
                return self.level(source.repository) >= Level.WRITE

    def answers(self, gate: Gate, repository: str) -> bool:
        """Whether the person is one of the gate's approvers now: named and still triage, or with write access where nobody is named."""
        if not gate.restricted:
            return self.level(repository) >= Level.WRITE
        return self.level(repository) >= Level.TRIAGE and (self.by.id in gate.people or self._in_a_team(gate, repository))

    def _in_a_team(self, gate: Gate, repository: str) -> bool:
        forge = self._forge(repository)
        try:
            return forge is not None and any(forge.in_team(team, self.by) for team in gate.teams)
        except GatelineError as problem:
            log.warning("rights.unanswered", teams=gate.teams, person=self.by.id, problem=str(problem))
            self.unanswered = True
            return False
