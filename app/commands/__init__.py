"""What people may type: one file a verb.

Each module offers `plugin`, a `Command`. Its `usage` is both what help shows and the grammar that `app.workflow.comment` reads. Rules:

* **Pure.** Only `app.workflow` may be imported. `read` looks at the line and the scene, asks nobody and changes nothing.
* **Rights are asked before**, of the forge, for the `right` that the command names, on each job's own source repository. `Scene.jobs`
  holds only jobs that the asker may act on; what was left out is told by the caller.
* **A command does not decide.** It says which `Event` was meant. `decide` looks again under the lock at whatever may have changed
  (digest, state of the candidate, authorship, number of approvals); its no is a `Denied`.
* **An expected "no" is a value**: `Refusal`, a sentence and a line to type. `Answer` is a text and changes nothing.
* Events of one call have distinct keys, made from `Scene.key`, so that a comment counts once however often it is delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from app.workflow.comment import Call
from app.workflow.definition import Job
from app.workflow.events import Event
from app.workflow.facts import NotRun
from app.workflow.kinds import Kinds
from app.workflow.line import MAIN, Actor, Candidate, Lane, Line, Run


class Right(StrEnum):
    """Who may: READ the line; WRITE to the job's source; GATE: the gate's approvers; END: write, or GATE for a gated job; ADMIT: write
    to the conversation's repository; ADMIN."""

    READ = "read"
    WRITE = "write"
    GATE = "gate"
    END = "end"
    ADMIT = "admit"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Spot:
    """The commit that a conversation is about, with the lane of its own runs. Of a pull request `sha` is its head now."""

    repository: str
    full_name: str
    sha: str
    lane: Lane = MAIN
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of one job on the commit: newest first. Without a commit: what of the named job is not final."""

    job: str
    runs: tuple[Run, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    not_run: tuple[NotRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Announced:
    """A candidate was announced in this very conversation, at `at` by the forge's clock."""

    job: str
    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known when a command is read.

    `typed` is when its comment was made by the forge's clock, None where the candidate is shown before one answers (CLI, API, page).
    `jobs`: those that the call is about and the asker may act on. `candidates`: all known of the named job, newest first.
    `hidden` counts jobs on the commit that readers of the conversation may not see. `served`: the pools that workers serve now (None: not
    known). `prefix` begins the lines that are suggested (`/gateline`). `usages`: verb -> (usage, help), for `help`.
    """

    by: Actor
    key: str
    via: str
    now: float
    kinds: Kinds
    prefix: str
    spot: Spot | None = None
    typed: float | None = None
    jobs: tuple[Job, ...] = ()
    found: tuple[Found, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    announced: tuple[Announced, ...] = ()
    hidden: int = 0
    served: frozenset[str] | None = None
    usages: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def job(self) -> Job:
        """The job that was named; only for commands that require JOB."""
        return self.jobs[0]


@dataclass(frozen=True, slots=True)
class Refusal:
    """No, because. `type` is a line that would do what was meant, "" when there is none."""

    reason: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A text in Markdown; nothing changes."""

    text: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What decides: these events, in order. `note` is worth saying beyond "done" once they were accepted ("" for nothing)."""

    events: tuple[Event, ...]
    note: str = ""


Reading: TypeAlias = Wish | Refusal | Answer


class Command(Protocol):
    @property
    def name(self) -> str:
        """The verb."""
        ...

    @property
    def usage(self) -> str:
        """`verb JOB [OPTIONAL] [KEY=VALUE ...] [-- REASON]`: capital words are fields of `Call`."""
        ...

    @property
    def help(self) -> str:
        """One sentence."""
        ...

    @property
    def examples(self) -> tuple[str, ...]: ...
    @property
    def right(self) -> Right: ...

    def read(self, line: Line, call: Call, scene: Scene) -> Reading: ...
