"""`retry`: runs again what failed for a commit, with the same inputs, and nothing that passed."""

from __future__ import annotations

from dataclasses import dataclass

from app.commands import Reading, Refusal, Right, Scene, Wish
from app.commands._typed import line_of
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.events import Retried
from app.workflow.line import Line, Run, Status

PASSED = (Status.SUCCEEDED, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Retry:
    name: str = "retry"
    usage: str = "retry [JOB]"
    help: str = "Runs again what failed for this commit, with the same inputs; nothing that passed."
    examples: tuple[str, ...] = ("retry", "retry unit-tests")
    right: Right = Right.WRITE

    def read(self, line: Line, call: Call, scene: Scene) -> Reading:  # noqa: ARG002 - the contract's signature
        commit = _commit(scene)
        if commit is None:
            return Refusal(say.NEEDS_COMMIT)
        permitted = {job.name for job in scene.jobs}
        failed = tuple(each.job for each in scene.found if each.job in permitted and any(map(_failed, _newest(each.runs))))
        if not failed:
            job = scene.job.name if call.job else ""
            return Refusal(say.nothing_failed(job), line_of(scene, "trigger", job) if job else "")
        retried = Retried(
            key=scene.key,
            at=scene.now,
            by=scene.by,
            via=scene.via,
            repository=commit[0],
            sha=commit[1],
            jobs=failed,
        )
        return Wish((retried,))


def _commit(scene: Scene) -> tuple[str, str] | None:
    """(repository, SHA): the conversation's commit, else that of the named job's newest run."""
    if scene.spot:
        return scene.spot.repository, scene.spot.sha
    newest = next((run for each in scene.found for run in each.runs), None)
    return next(((cause.repository, cause.sha) for cause in reversed(newest.causes) if cause.sha), None) if newest else None


def _newest(runs: tuple[Run, ...]) -> list[Run]:
    """The newest run of each lane."""
    return list({run.lane: run for run in sorted(runs, key=lambda run: run.ref)}.values())


def _failed(run: Run) -> bool:
    return run.status.final and run.status not in PASSED


plugin = Retry()
