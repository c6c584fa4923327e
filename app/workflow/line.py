"""A line as it stands: runs, versions and candidates, and the part of an account that one event can touch.

`Line` holds what was asked of it so far. Asking it for something not loaded raises `Unloaded`, which names what is missing;
the caller loads that too and decides again from the start (deciding is pure, so that costs only time). So a decision reads
what it touches and no more (architecture.md section 6, rule 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.workflow._fold import fold
from app.workflow.facts import Fact, LaneOpened
from app.workflow.needs import Fragments, Need, Node, Past, Unloaded, authors_need
from app.workflow.values import (
    MAIN,
    STATUS_CODES,
    Actor,
    Approval,
    Candidate,
    CandidateState,
    Cause,
    Lane,
    Run,
    RunRef,
    Status,
    Taken,
    Version,
    VersionRef,
)

__all__ = [
    "MAIN",
    "STATUS_CODES",
    "Actor",
    "Approval",
    "Candidate",
    "CandidateState",
    "Cause",
    "Fragments",
    "Lane",
    "Line",
    "Need",
    "Node",
    "Past",
    "Run",
    "RunRef",
    "Status",
    "Taken",
    "Unloaded",
    "Version",
    "VersionRef",
]


class Line:
    """What of an account was loaded so far, and how facts change it (`needs.py` has the questions and the shapes of answers).

    Immutable from outside: `after` and `knowing` give new ones. Every question raises `Unloaded` when its `Need` has not been
    loaded; `nodes` and those that require name all that is missing at once.
    """

    __slots__ = ("_known",)

    def __init__(self, known: Mapping[Need, object] | None = None) -> None:
        self._known: dict[Need, Any] = dict(known or {})

    def knowing(self, answers: Mapping[Need, object]) -> Line:
        """This line, with more of the account loaded."""
        return Line({**self._known, **answers})

    def after(self, *facts: Fact) -> Line:
        """This line as the facts, in order, leave it. Only what is loaded changes."""
        later = Line(self._known)
        for fact in facts:
            fold(later._known, fact)
        return later

    def unfold(self, fact: Fact) -> None:
        """Changes this very line by a fact: for one who owns a private copy, as `decide` does to stay linear."""
        fold(self._known, fact)

    def require(self, needs: Iterable[Need]) -> None:
        """Raises Unloaded for those of `needs` that are not loaded."""
        missing = frozenset(need for need in needs if need not in self._known)
        if missing:
            raise Unloaded(missing)

    def _answer(self, need: Need) -> Any:
        try:
            return self._known[need]
        except KeyError:
            raise Unloaded(frozenset({need})) from None

    def node(self, name: str) -> Node:
        found: Node = self._answer(Need("node", name))
        return found

    def nodes(self, names: Iterable[str]) -> tuple[Node, ...]:
        needs = [Need("node", name) for name in names]
        self.require(needs)
        return tuple(self._known[need] for need in needs)

    def past(self, name: str, lane: Lane = MAIN) -> Past:
        found: Past = self._answer(Need("past", name, lane))
        return found

    def require_pasts(self, names: Iterable[str], lane: Lane) -> None:
        """Raises Unloaded for what is not loaded of the past of `names`, in `lane` and in main."""
        self.require(Need("past", name, each) for name in names for each in {lane, MAIN})

    def version(self, name: str, extra: str, lane: Lane = MAIN) -> Version | None:
        """The version of `name` with that label, or with number N for `#N`."""
        where = MAIN if extra.startswith("#") else lane
        found: Version | None = self._answer(Need("version", name, where, extra))
        return found

    def versions(self, refs: Iterable[VersionRef]) -> tuple[Version, ...]:
        """Those of `refs` that are still there."""
        needs = [Need("version", ref.name, extra=f"#{ref.number}") for ref in refs]
        self.require(needs)
        return tuple(self._known[need] for need in needs if self._known[need] is not None)

    def watching(self, repository: str) -> tuple[str, ...]:
        found: tuple[str, ...] = self._answer(Need("watching", repository))
        return found

    def tip(self, repository: str, ref: str) -> str:
        found: str = self._answer(Need("tip", repository, extra=ref))
        return found

    def busy(self, lane: Lane) -> tuple[str, ...]:
        """Jobs with something that is not final in `lane`."""
        found: tuple[str, ...] = self._answer(Need("lane", lane=lane))
        return found

    def commit(self, repository: str, sha: str) -> tuple[Run, ...]:
        found: tuple[Run, ...] = self._answer(Need("commit", repository, extra=sha))
        return found

    def queue(self, pools: Iterable[str]) -> tuple[Run, ...]:
        found: tuple[Run, ...] = self._answer(Need("queue", extra=",".join(pools)))
        return found

    def sharing(self, lock: str) -> tuple[str, ...]:
        found: tuple[str, ...] = self._answer(Need("sharing", lock))
        return found

    def run(self, ref: RunRef) -> Run | None:
        found: Run | None = self._answer(Need("run", ref.job, extra=str(ref.number)))
        return found

    def candidate(self, job: str, number: int) -> Candidate | None:
        """A candidate that is open, or that a fact folded into this line ended."""
        found = next((each for each in self.node(job).open if each.number == number), None)
        return found or self._known.get(Need("candidate", job, extra=str(number)))

    def fragments(self) -> Fragments:
        found: Fragments = self._answer(Need("fragments"))
        return found

    def allowed(self, repository: str, sha: str) -> bool:
        found: bool = self._answer(Need("allowed", repository, extra=sha))
        return found

    def opened(self, lane: Lane) -> LaneOpened | None:
        found: LaneOpened | None = self._answer(Need("opened", lane=lane))
        return found

    def heads(self, repository: str, ref: str) -> tuple[LaneOpened, ...]:
        found: tuple[LaneOpened, ...] = self._answer(Need("heads", repository, extra=ref))
        return found

    def authors(self, name: str, lane: Lane, numbers: tuple[int, int]) -> tuple[Actor, ...]:
        found: tuple[Actor, ...] = self._answer(authors_need(name, lane, numbers))
        return found
