"""`unpin`: the latest version of an input again."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Answer, Reading, Refusal, Right, Scene, Wish
from app.commands._pinning import pinned_input
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.events import PinChanged
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Unpin:
    name: str = "unpin"
    usage: str = "unpin JOB RESOURCE"
    help: str = "Runs of JOB take the latest version of RESOURCE again, in the whole account."
    examples: tuple[str, ...] = ("unpin deploy-prod app-image",)
    right: Right = Right.WRITE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:
        resource = pinned_input(call, scene)
        if isinstance(resource, Refusal):
            return resource
        job = scene.job.name
        if resource not in line.node(job).pins:
            return Answer(say.unpinned(job, resource, True))
        change = PinChanged(key=scene.key, at=scene.now, by=scene.by, via=scene.via, job=job, resource=resource, version=None)
        return Wish((change,), say.unpinned(job, resource, False))


plugin = Unpin()
