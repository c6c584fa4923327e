"""Small kinds for tests of the language reader, which must not depend on the real ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from app.workflow.definition import Job, Resource
from app.workflow.kinds import Fault, Field, JobKind, Kinds, Part, ResourceKind, Use
from app.workflow.parse import Parsed, parse

SOURCE = "github:acme/app@main"
_SEED = Field("str", "The label.", required=True, part=Part.SEED)


@dataclass(frozen=True)
class SmallResource:
    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    integration: Use = Use.NONE
    out: bool = True
    silent: bool = False

    def check(self, resource: Resource) -> Iterable[Fault]:
        if resource.content.get("branch") == "wrong":
            yield Fault("branch", "no such branch")
        if resource.content.get("branch") == "doubtful":
            yield Fault("branch", "a doubtful branch", warning=True)


@dataclass(frozen=True)
class SmallJob:
    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    input_fields: Mapping[str, Field] = field(default_factory=dict)
    output_fields: Mapping[str, Field] = field(default_factory=dict)
    tasks: Use = Use.OPTIONAL
    hook_scripts: bool = True

    def check(self, job: Job) -> Iterable[Fault]:
        if job.priority == 13:
            yield Fault("priority", "an unlucky priority")

    def check_inputs(self, job: Job, types: Mapping[str, str]) -> Iterable[Fault]:
        for step in job.inputs:
            if step.attributes.get("scopes") == "none" and types.get(step.name) == "image":
                yield Fault(step.name, "an image in no scope")


def _resources() -> dict[str, SmallResource]:
    repo = {
        "sourceName": Field("str", "The repository.", required=True),
        "branch": Field("str", "The branch."),
        "branches": Field("map", "Filters."),
        "depth": Field("int", "Commits fetched."),
        "buildOnCommit": Field("bool", "Whether pushes count."),
        "gitConfig": Field("strings", "Lines of configuration."),
    }
    kinds = (
        SmallResource("gitRepo", repo, Use.OPTIONAL, out=False),
        SmallResource("image", {"sourceName": Field("str", "The image.", required=True), "versionName": _SEED}, Use.OPTIONAL),
        SmallResource("params", {"params": Field("map", "Values.", required=True, part=Part.VERSION)}),
        SmallResource("state", silent=True),
        SmallResource("integration", {}, Use.REQUIRED),
        SmallResource("trigger", {"counter": Field("number", "Any number.", part=Part.VERSION)}, out=False),
        SmallResource("webhook", {"webhookKey": Field("str", "The key.", secret=True), "note": Field("str", "A note.")}, out=False),
        SmallResource("notification", {"method": Field("str", "How.", choices=("email", "irc"))}, Use.OPTIONAL, out=False),
    )
    return {kind.name: kind for kind in kinds}


def _jobs() -> dict[str, SmallJob]:
    inputs = {"showBuildStatus": Field("bool", "Whether statuses are posted."), "scopes": Field("strings", "Scopes.")}
    kinds = (
        SmallJob("runSh", input_fields=inputs, tasks=Use.REQUIRED),
        SmallJob("release", {"bump": Field("str", "What to bump.", choices=("major", "minor"))}, tasks=Use.NONE, hook_scripts=False),
        SmallJob("deploy", {"method": Field("str", "How.")}),
    )
    return {kind.name: kind for kind in kinds}


KINDS = Kinds(cast("Mapping[str, ResourceKind]", _resources()), cast("Mapping[str, JobKind]", _jobs()))


def parsed(**files: str) -> Parsed:
    """Parses files given as `gateline="…"` (suffix `.yml` is added; `__` stands for `.`)."""
    contents = {f"{name.replace('__', '.')}.yml": text.encode() for name, text in files.items()}
    return parse(SOURCE, "c0ffee", contents, KINDS)


def job(body: str, name: str = "build", type_name: str = "runSh") -> Parsed:
    """Parses one job with a task, whose further keys are `body`."""
    text = f"jobs:\n  - name: {name}\n    type: {type_name}\n"
    return parsed(gateline=text + _indented(body, 4))


def steps(body: str, type_name: str = "runSh") -> Parsed:
    """Parses one job whose steps are `body` followed by a task."""
    task = "- TASK:\n    - script: make\n" if type_name == "runSh" and "TASK" not in body else ""
    return job("steps:\n" + _indented(body.rstrip("\n") + "\n" + task, 2), type_name=type_name)


def resource(body: str, type_name: str = "gitRepo") -> Parsed:
    text = f"resources:\n  - name: it\n    type: {type_name}\n"
    return parsed(gateline=text + _indented(body, 4))


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
