"""What the files of a repository come to, as text that people can check: its jobs in order, and what starts each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.workflow.definition import Input, Job, Mode, Workflow
from app.workflow.labels import asked


def planned(workflow: Workflow) -> str:
    """A line a job: its place in the order, name and type, then what is worth telling. Jobs of one place may run side by side."""
    order = _places(workflow)
    jobs = sorted(workflow.jobs.values(), key=lambda job: (order[job.name], job.name))
    return "\n".join(f"{order[job.name]} {job.name} ({job.type}){''.join(f' | {part}' for part in _parts(job, workflow))}" for job in jobs)


def _places(workflow: Workflow) -> dict[str, int]:
    """Job -> 1 and the longest way to it over jobs that come before it; what a state passes back counts for nothing."""
    before = {job.name: set(_before(job, workflow)) - {job.name} for job in workflow.jobs.values()}
    place: dict[str, int] = {}
    while len(place) < len(before):
        ready = [name for name, names in before.items() if name not in place and names <= place.keys()]
        assert ready, f"a circle among {sorted(before.keys() - place.keys())}"
        place |= {name: 1 + max((place[each] for each in before[name]), default=0) for name in ready}
    return place


def _before(job: Job, workflow: Workflow) -> Iterator[str]:
    for step in job.inputs:
        if step.name in workflow.jobs:
            yield step.name
        elif step.name in workflow.resources and workflow.resources[step.name].type != "state":
            yield from workflow.producers.get(step.name, ())


def _parts(job: Job, workflow: Workflow) -> Iterator[str]:
    starts = [_shown(step, workflow) for step in job.inputs if _starts(step, workflow)]
    reads = [_shown(step, workflow) for step in job.inputs if not _starts(step, workflow)]
    yield f"starts on {', '.join(starts)}" if starts else "started by people"
    if reads:
        yield f"reads {', '.join(reads)}"
    if job.outputs:
        yield f"makes {', '.join(step.name for step in job.outputs)}"
    if job.mode is not Mode.CHRONO:
        yield str(job.mode)
    if job.parallel:
        yield "parallel"
    if job.gate is not None:
        yield f"gate {asked(job.gate)}"
    if job.tasks:
        yield f"{len(job.tasks)} task{'s' if len(job.tasks) > 1 else ''}"
    for reason in workflow.inconsistent.get(job.name, ()):
        yield f"NOT STARTED: {reason}"


def _starts(step: Input, workflow: Workflow) -> bool:
    resource = workflow.resources.get(step.name)
    return step.switch and step.pin is None and (resource is None or resource.type != "state")


def _shown(step: Input, workflow: Workflow) -> str:
    pin = f"#{step.pin.number or step.pin.name}" if step.pin else ""
    resource = workflow.resources.get(step.name)
    known = resource.type if resource else "" if step.name in workflow.jobs else "elsewhere"
    return f"{step.name}{pin}{f' ({known})' if known else ''}"


def sections(text: str) -> Mapping[str, str]:
    """Repository -> what stands below its `## repository` line, without comments."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            lines = found.setdefault(line.removeprefix("## "), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}
