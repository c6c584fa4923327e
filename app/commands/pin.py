"""`pin`: the version of an input that runs of a job take from now on."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene, Wish
from app.commands._pinning import pinned_input, withheld
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.events import PinChanged
from app.workflow.line import Line


@dataclass(frozen=True, slots=True)
class Pin:
    name: str = "pin"
    usage: str = "pin JOB RESOURCE VERSION"
    help: str = "Runs of JOB take VERSION (number or name) of the input RESOURCE until it is unpinned, in the whole account."
    examples: tuple[str, ...] = ("pin deploy-prod app-image 41", "pin deploy-prod app-image v2.3.1")
    right: Right = Right.WRITE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:
        resource = pinned_input(call, scene)
        if isinstance(resource, Refusal):
            return resource
        foreign = withheld(line, scene, resource)
        if foreign:
            return Refusal(say.no_consent(resource, foreign))
        change = PinChanged(
            key=scene.key,
            at=scene.now,
            by=scene.by,
            via=scene.via,
            job=scene.job.name,
            resource=resource,
            version=call.version,
        )
        return Wish((change,), say.pinned(scene.job.name, resource, call.version))


plugin = Pin()
