"""What `pause` and `resume` share."""

from __future__ import annotations

from app.commands import Answer, Reading, Scene, Wish
from app.workflow import say
from app.workflow.events import PauseChanged
from app.workflow.line import Line


def set_paused(line: Line, scene: Scene, paused: bool) -> Reading:
    """The change, or an answer when it is so already."""
    sentence = say.paused if paused else say.resumed
    if line.node(scene.job.name).paused == paused:
        return Answer(sentence(scene.job.name, True))
    change = PauseChanged(key=scene.key, at=scene.now, by=scene.by, via=scene.via, job=scene.job.name, paused=paused)
    return Wish((change,), sentence(scene.job.name, False))
