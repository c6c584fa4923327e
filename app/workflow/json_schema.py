"""The JSON Schema (draft 2020-12) of workflow files, for editors: made from what the kinds declare.

A file in which the reader finds nothing to say is valid; the schema knows less than the reader, so the reverse does not hold. Keys that
the reader would warn of are not allowed, because an editor can only underline what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.workflow._jobs import ALIASES
from app.workflow._reruns import DEFINITIONS, HOLDS, MOST_TRIES
from app.workflow._shapes import TEXT, TEXTS, TRUTH, Shape, closed, items, of_fields, one_of, ref, whole
from app.workflow._steps import IN_WORDS
from app.workflow.definition import HookKind, Json, Mode, Sort, Supersede, Trouble
from app.workflow.kinds import JobKind, Kinds, ResourceKind, Use

_PARTS = ("versionTemplate", "pointer", "seed", "version")
_MODE = one_of(Mode)
_TASK_RUNTIME = closed(
    {
        "container": TRUTH,
        "options": closed(
            {
                "imageName": TEXT,
                "imageTag": TEXT,
                "pull": TRUTH,
                "options": TEXT,
                "env": {"anyOf": [ref("pairs"), {"type": "array", "items": ref("pairs")}]},
            }
        ),
    }
)
_GATE = closed(
    {
        "approvers": TEXTS,
        "required": whole(1, 100),
        "allow_author": TRUTH,
        "timeout": TEXT,
        "on_timeout": one_of(("expire", "reject")),
        "reviews": TRUTH,
    }
)
_END: Shape = {"anyOf": [one_of(Trouble), whole(1, 255)]}
_ENDS: Shape = {"anyOf": [_END, {"type": "array", "items": _END}]}
_PARAMETER: Shape = closed(
    {"type": one_of(Sort), "default": TEXT, "required": TRUTH, "pattern": TEXT, "options": TEXTS, "description": TEXT}
)
_SHARED: Mapping[str, Shape] = {
    "lines": {"anyOf": [TEXT, items(ref("lines"))]},
    "listed": items({"anyOf": [TEXT, ref("listed"), closed({"script": ref("lines"), "NOTIFY": ref("notify")})]}),
    "notify": {"anyOf": [TEXT, {"type": "array", "items": ref("notify")}, {"type": "object", "required": ["name"]}]},
    "pairs": {"type": "object", "additionalProperties": {"anyOf": [TEXT, {"type": "null"}]}},
    "hook": {"anyOf": [ref("listed"), closed({"script": ref("lines"), "NOTIFY": ref("notify")})]},
    "task": {"anyOf": [ref("listed"), closed({"name": TEXT, "script": ref("lines"), "runtime": _TASK_RUNTIME}, ("script",))]},
}
_JOB: Mapping[str, Shape] = {
    "name": TEXT,
    "dependencyMode": _MODE,
    "priority": whole(0, 10_000),
    "triggerMode": one_of(("serial", "parallel")),
    "runtime": closed({"nodePool": TEXT, "container": TRUTH, "timeoutMinutes": whole(1)}),
    "integrations": TEXTS,
    "flags": TEXTS,
    "gate": {"anyOf": [TRUTH, _GATE]},
    "supersede": one_of(Supersede),
    "allowFailure": TRUTH,
    "allowPublicAccess": TRUTH,
    "lock": {"anyOf": [TEXT, closed({"name": TEXT, "hold": one_of(HOLDS)}, ("name",))]},
    "retry": closed({"times": whole(1, MOST_TRIES), "on": _ENDS, "wait": TEXT}, ("times",)),
    "definition": one_of(DEFINITIONS),
    "inputs": {"type": "object", "additionalProperties": {"anyOf": [_PARAMETER, {"type": "null"}]}},
    **{kind.value: ref("hook") for kind in HookKind},
}
_IN: dict[str, Shape] = {
    "IN": TEXT,
    "switch": TRUTH,
    "versionName": TEXT,
    "versionNumber": whole(1),
    "dependencyMode": _MODE,
    "triggerOnSuccess": TRUTH,
    "triggerOnFailure": TRUTH,
    "lanes": TEXTS,
    "paths": closed({"only": TEXTS, "except": TEXTS}),
    **{key: {} for key in IN_WORDS},
}
_OUT: dict[str, Shape] = {
    "OUT": TEXT,
    "replicate": TEXT,
    "replicateOnPullRequest": TRUTH,
    "overwrite": TRUTH,
    "on_failure": TRUTH,
    "lanes": TEXTS,
}


def schema(kinds: Kinds) -> dict[str, Json]:
    """The schema of any workflow file of an installation that has these kinds."""
    jobs = dict(kinds.jobs) | {alias: kinds.jobs[name] for alias, name in ALIASES.items() if name in kinds.jobs}
    shapes: dict[str, Json] = dict(_SHARED)
    shapes |= {f"job.{name}": _job(kind, name) for name, kind in jobs.items()}
    shapes |= {f"resource.{name}": _resource(kind, name) for name, kind in kinds.resources.items()}
    shapes["job"] = _by_type("job", jobs)
    shapes["resource"] = _by_type("resource", kinds.resources)
    shapes["trigger"] = _by_type("resource", kinds.resources, "trigger")
    sections = {"resources": items(ref("resource")), "jobs": items(ref("job")), "triggers": items(ref("trigger"))}
    properties: dict[str, Json] = {name: {"anyOf": [shape, {"type": "null"}]} for name, shape in sections.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A workflow file of Gateline",
        "description": "Other keys at the top hold anchors, or are keys of CI.",
        "anyOf": [{"type": "object", "properties": properties}, sections["triggers"], {"type": "null"}],
        "$defs": shapes,
    }


def _by_type(noun: str, kinds: Mapping[str, object], default: str = "") -> Shape:
    """Which of the shapes of a noun counts, by its `type`. `default` is the type of what has none."""
    cases: list[Json] = []
    for name in kinds:
        of_it: Shape = {"type": "object", "properties": {"type": {"const": name}}}
        if name != default:
            of_it["required"] = ["type"]
        cases.append({"if": of_it, "then": ref(f"{noun}.{name}")})
    required: list[Json] = ["name"] if default else ["name", "type"]
    return {"type": "object", "properties": {"type": one_of(kinds)}, "required": required, "allOf": cases}


def _job(kind: JobKind, name: str) -> Shape:
    own = of_fields(kind.fields)
    task: Shape = ref("task") if kind.tasks is not Use.NONE else {"const": "managed"}
    if kind.tasks is Use.OPTIONAL:
        task = {"anyOf": [{"const": "managed"}, task]}
    steps: list[Json] = [
        closed(_IN | of_fields(kind.input_fields), ("IN",)),
        closed(_OUT | of_fields(kind.output_fields), ("OUT",)),
        closed({"TASK": task} | own, ("TASK",)),
    ]
    listed: Shape = {"type": "array", "items": {"anyOf": steps}}
    needed = kind.tasks is Use.REQUIRED
    if needed:
        listed["contains"] = {"required": ["TASK"]}
    keys: dict[str, Shape] = {**_JOB, **own, "type": {"const": name}, "steps": listed}
    return closed(keys, ("name", "type", *(["steps"] if needed else []))) | {"description": kind.help}


def _resource(kind: ResourceKind, name: str) -> Shape:
    content = closed(of_fields(kind.fields))
    keys: dict[str, Shape] = {"name": TEXT, "type": {"const": name}, "flags": TEXTS, "accepts": TEXTS}
    keys |= dict.fromkeys(_PARTS, content)
    if kind.integration is not Use.NONE:
        keys["integration"] = TEXT
    required = ["name", *(["integration"] if kind.integration is Use.REQUIRED else [])]
    somewhere: list[Json] = [_somewhere(key) for key, field in kind.fields.items() if field.required]
    return closed(keys, required) | {"description": kind.help} | ({"allOf": somewhere} if somewhere else {})


def _somewhere(key: str) -> Shape:
    """`key` stands below one of the parts of a resource."""
    return {"anyOf": [{"required": [part], "properties": {part: {"type": "object", "required": [key]}}} for part in _PARTS]}
