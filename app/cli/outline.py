"""What a workflow would run, in a table: its jobs, what starts each, and who is asked at its gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import RenderableType

from app.cli.printout import table
from app.workflow.definition import Job, Json, Resource, Workflow
from app.workflow.labels import asked, typed


@dataclass(frozen=True, slots=True)
class Entry:
    """One job. `starts`: what an event of which makes a run; `reads`: what it only takes. `gate` is "" for none."""

    job: str
    type: str
    starts: tuple[str, ...]
    reads: tuple[str, ...]
    gate: str
    problems: tuple[str, ...] = ()

    @property
    def told(self) -> Json:
        return {
            "job": self.job,
            "type": self.type,
            "starts": list(self.starts),
            "reads": list(self.reads),
            "gate": self.gate,
            "problems": list(self.problems),
        }


def outline(workflow: Workflow, jobs: Iterable[Job]) -> tuple[Entry, ...]:
    """Of `jobs`, which are part of `workflow`."""
    return tuple(
        Entry(
            job.name,
            job.type,
            tuple(_source(step.name, workflow.resources) for step in job.inputs if step.switch),
            tuple(step.name for step in job.inputs if not step.switch),
            asked(job.gate),
            workflow.inconsistent.get(job.name, ()),
        )
        for job in jobs
    )


def outline_table(entries: Iterable[Entry]) -> RenderableType:
    return table(("JOB", "TYPE", "STARTED BY", "GATE"), [_row(entry) for entry in entries])


def _row(entry: Entry) -> tuple[str, str, str, str]:
    starts = ", ".join(entry.starts) or "people only"
    return entry.job, entry.type, starts if not entry.problems else "nothing: it has problems", entry.gate


def _source(name: str, resources: Mapping[str, Resource]) -> str:
    """`app (gitRepo acme/app)`; a job by its name alone."""
    resource = resources.get(name)
    return f"{name} ({typed(resource)})" if resource else name
