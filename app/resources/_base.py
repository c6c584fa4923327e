"""What all kinds of resources share: a base with the usual answers, and readers of free-form content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.workflow.definition import Json, JsonMap, Resource
from app.workflow.events import Event, VersionPosted
from app.workflow.kinds import Draft, Fault, Field, Part, Use
from app.workflow.line import MAIN, Cause
from app.workflow.names import field_name
from app.workflow.plan import Value
from app.workflow.variables import text_of

LABEL = "versionName"
"""The field that names a version; it is lifted out of the bag (spec/workflow-language.md section 2.1)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind whose versions come from its definition, from jobs and from the API, and hold what was written.

    Kinds that do more override the methods that differ; see `app.workflow.kinds.ResourceKind` for what each means.
    """

    name: str
    code: int
    help: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    integration: Use = Use.NONE
    out: bool = True
    silent: bool = False
    files: bool = False
    replicates_as: str = ""

    @property
    def family(self) -> str:
        return self.replicates_as or self.name

    def check(self, resource: Resource) -> Iterable[Fault]:  # noqa: ARG002 - kinds with rules of their own read it
        return ()

    def first(self, resource: Resource) -> tuple[str, JsonMap] | None:
        return resource.version_name or "", written(resource, self.fields)

    def triggers_on_definition(self) -> bool:
        return False

    def draft(self, resource: Resource, event: Event) -> Draft | None:
        """By default only the API makes versions: what was posted, over what the definition says (section 4.1, E7)."""
        if not isinstance(event, VersionPosted) or event.resource != resource.name:
            return None
        cause = Cause(kind="version", event=event.key, actors=(event.by,), title=event.label)
        return Draft(event.label, {**written(resource, self.fields), **event.bag}, MAIN, cause)

    def merge(self, bag: JsonMap, keys: Mapping[str, str]) -> dict[str, Json]:
        return {**bag, **keys}

    def rewritten(self, bag: JsonMap, by: JsonMap, taken: Iterable[JsonMap]) -> dict[str, Json]:  # noqa: ARG002 - repositories read them
        return dict(by)

    def emptied(self, bag: JsonMap) -> dict[str, Json]:  # noqa: ARG002 - kinds that keep something read it
        return {}

    def replicate(self, bag: JsonMap, source: JsonMap) -> dict[str, Json]:  # noqa: ARG002 - only repositories keep theirs
        return dict(source)

    def environment(self, name: str, resource: Resource, bag: JsonMap) -> Mapping[str, Value]:  # noqa: ARG002 - see params
        return definition_environment(name, resource, self.fields)


def written(resource: Resource, fields: Mapping[str, Field]) -> dict[str, Json]:
    """The bag that a definition stands for: its content without the label and without what is secret."""
    return {key: value for key, value in resource.content.items() if key != LABEL and not is_secret(fields, key)}


def is_secret(fields: Mapping[str, Field], key: str) -> bool:
    return key in fields and fields[key].secret


def definition_environment(name: str, resource: Resource, fields: Mapping[str, Field]) -> dict[str, Value]:
    """`<NAME>_POINTER_<PATH>` and `<NAME>_SEED_<PATH>` for both syntaxes (section 2.4; section 10 #18)."""
    found: dict[str, Value] = {}
    for key, value in resource.content.items():
        part = Part.SEED if key in resource.seed else fields[key].part if key in fields else Part.POINTER
        if part is Part.VERSION or is_secret(fields, key):
            continue
        for path, leaf in leaves(value):
            suffix = "_".join(field_name(step) for step in (key, *path))
            found[f"{name}_{part.upper()}_{suffix}"] = leaf
    return found


def leaves(value: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths and texts of the scalars of a JSON value; items of lists have their 0-based index as a step."""
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    if isinstance(value, dict):
        for key, item in value.items():
            for path, leaf in leaves(item):
                yield (key, *path), leaf
    else:
        yield (), text_of(value)


def text(content: JsonMap, key: str) -> str:
    """The text under `key`, "" when there is none."""
    value = content.get(key)
    return value if isinstance(value, str) else ""


def flag(content: JsonMap, key: str, default: bool = False) -> bool:
    value = content.get(key)
    return value if isinstance(value, bool) else default


def strings(value: Json) -> tuple[str, ...]:
    """A string or a list of them, as a tuple; what is neither counts as nothing."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
