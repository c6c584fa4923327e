"""What a decision may ask of an account (`Need`), the shapes of the answers, and how it says that it was not told (`Unloaded`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.workflow.definition import Fragment, Input, Job, Resource
from app.workflow.values import MAIN, Candidate, Lane, Run, Version, VersionRef


@dataclass(frozen=True, slots=True)
class Node:
    """One name of the account as it stands in all lanes: its definition, its edges, and what of it is not final (oldest first).

    Exactly one of `job`, `resource` is set; both are None for a name that nobody defines (any more).
    `consumers`: jobs with this as IN. `producers`: jobs with this as OUT. `next_run`, `next_version`, `next_candidate`: the
    next numbers. `pins`: input name -> version, set by people; pins of the file are in the definition.
    `inconsistent`: why the job may not be started (or the resource not be used), as sentences. `ready`: lanes in which a shut IN
    changed since the last run.
    """

    name: str
    job: Job | None = None
    resource: Resource | None = None
    consumers: tuple[str, ...] = ()
    producers: tuple[str, ...] = ()
    inconsistent: tuple[str, ...] = ()
    paused: bool = False
    pins: dict[str, VersionRef] = field(default_factory=dict)
    active: tuple[Run, ...] = ()
    open: tuple[Candidate, ...] = ()
    ready: frozenset[Lane] = frozenset()
    next_run: int = 1
    next_version: int = 1
    next_candidate: int = 1

    def input(self, name: str) -> Input | None:
        """The job's IN step called `name`, if there is one."""
        return next((step for step in self.job.inputs if step.name == name), None) if self.job else None


@dataclass(frozen=True, slots=True)
class Past:
    """What of one name lies behind in one lane: its newest version, and for a job how its runs ended.

    `latest`: newest version (of a job: whatever the outcome). `good`: of a job, newest version of a succeeded run.
    `ended`: newest run whose status counts for health (`Status.executed`). `approved`: the newest opened candidate.
    `newest`: the newest run whatever its status, final or not. `proposed`: the newest candidate whatever its state.
    """

    latest: Version | None = None
    good: Version | None = None
    ended: Run | None = None
    approved: Candidate | None = None
    newest: Run | None = None
    proposed: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a decision asks of the line; `Line` maps each to its answer.

    kind      | name, lane            | answer
    node      | name                  | Node
    past      | name, lane            | Past
    version   | name, `#<number>` or label in `extra` | Version | None (the newest with that label, any lane of lane + main)
    watching  | repository            | tuple[str, …]: names of gitRepo resources of it
    tip       | repository, ref in `extra` | str: SHA last recorded for that ref, "" for none
    lane      | lane                  | tuple[str, …]: jobs with something not final there
    commit    | repository, SHA in `extra` | tuple[Run, …]: newest run of each job (and lane) caused by that commit
    queue     | pools, comma-joined, in `extra` | tuple[Run, …]: the queued runs to look at, best first (at most 50)
    sharing   | lock                  | tuple[str, …]: jobs with that `lock`, by name
    run       | job, number in `extra` | Run | None: that run, final or not
    fragments |                       | Fragments: every source's fragment and what its gitRepos watch, for adoption only
    allowed   | repository, SHA in `extra` | bool: whether this fork's commit was admitted
    opened    | lane                  | LaneOpened | None: the newest fact of that lane, None when it never was or is closed
    heads     | repository, short branch name or SHA in `extra` | tuple[LaneOpened, …]: open PR lanes of it with that `head_ref` or `head`
    authors   | name, lane, `<from>..<to>` in `extra` | tuple[Actor, …]: each of `Version.actors` once, of versions of that name with
              |                       | from < number <= to, in the lane or main
    """

    kind: str
    name: str = ""
    lane: Lane = MAIN
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Fragments:
    """All sources of the account: source -> fragment, and source -> (`sourceName` lower-cased -> repository id)."""

    of: dict[str, Fragment]
    repositories: dict[str, dict[str, str]]


class Unloaded(LookupError):
    """A decision needs more of the account than was loaded: `needs` says what."""

    def __init__(self, needs: frozenset[Need]) -> None:
        super().__init__(", ".join(sorted(f"{need.kind} {need.name}" for need in needs)))
        self.needs = needs


def authors_need(name: str, lane: Lane, numbers: tuple[int, int]) -> Need:
    """Who made the versions of `name` after the first and up to the second of `numbers`."""
    return Need("authors", name, lane, f"{numbers[0]}..{numbers[1]}")
