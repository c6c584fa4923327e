"""What `pin` and `unpin` share: the IN that is meant, and whether its owner lets this source pin it."""

from __future__ import annotations

from app.commands import Refusal, Scene
from app.commands._typed import line_of
from app.workflow import say
from app.workflow.comment import Call, alike, named
from app.workflow.definition import Resource
from app.workflow.line import Line


def pinned_input(call: Call, scene: Scene) -> str | Refusal:
    """The name of the IN that `call.resource` means."""
    inputs = tuple(step.name for step in scene.job.inputs)
    meant = named(call.resource, inputs)
    if len(meant) == 1 and meant[0] in inputs:
        return meant[0]
    nearest = next(iter(meant if len(meant) > 1 else alike(call.resource, inputs)), "")
    words = (scene.job.name, nearest, call.version) if call.version else (scene.job.name, nearest)
    return Refusal(say.no_input(scene.job.name, call.resource, inputs), line_of(scene, call.verb, *words) if nearest else "")


def withheld(line: Line, scene: Scene, name: str) -> str:
    """The repository of the job, when it may not pin `name`, which is another source's; "" when it may (product.md section 8)."""
    node = line.node(name)
    owner = node.resource.source if node.resource else node.job.source if node.job else scene.job.source
    repository = repository_of(scene.job.source)
    accepted = {each.casefold() for each in _accepts(node.resource)}
    return "" if repository_of(owner) == repository or repository.casefold() in accepted else repository


def _accepts(resource: Resource | None) -> tuple[str, ...]:
    return resource.accepts if resource else ()


def repository_of(source: str) -> str:
    """`owner/name` of a source's key, `<forge>:<owner>/<name>@<branch>`."""
    return source.partition(":")[2].partition("@")[0]
