"""Names that steps use and nobody here defines, while another source, which is not looked at, may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher

from app.workflow.definition import Place, Problem, Workflow
from app.workflow.link import Linked

_SLIPS = 3
"""Characters by which a misspelt name differs, on both sides together."""


def tolerated(linked: Linked) -> tuple[Workflow, dict[Problem, Problem]]:
    """The workflow, its jobs consistent as far as only such names stand against them, and what to say in place of the errors: error ->
    note. A name that is all but one of this line's stays an error: it is misspelt."""
    missing = _undefined(linked.workflow)
    notes = {problem: note for problem in linked.problems if (note := _note_of(problem, missing))}
    noted = {(problem.subject, problem.sentence) for problem in notes}
    reasons = {
        job: tuple(sentence for sentence in sentences if (job, sentence) not in noted)
        for job, sentences in linked.workflow.inconsistent.items()
    }
    return replace(linked.workflow, inconsistent={job: said for job, said in reasons.items() if said}), notes


def _undefined(workflow: Workflow) -> dict[Place, str]:
    """Where a step names something that is not defined here -> that name."""
    known = workflow.jobs.keys() | workflow.resources.keys()
    inputs = {step.place: step.name for job in workflow.jobs.values() for step in job.inputs}
    outputs = {step.place: step.name for job in workflow.jobs.values() for step in job.outputs}
    return {place: name for place, name in (inputs | outputs).items() if name not in known}


def _note_of(problem: Problem, missing: Mapping[Place, str]) -> Problem | None:
    name = missing.get(problem.place)
    if name is None or f"`{name}`" not in problem.sentence or _misspelt(name, problem.nearest):
        return None
    return replace(problem, sentence=f"`{name}` is not defined here: another source of the account has to define it")


def _misspelt(name: str, known: str) -> bool:
    """Whether `known` was meant: names of a family (`img-opts-test`, `img-opts-prod`) are alike, too."""
    alike = sum(block.size for block in SequenceMatcher(None, name, known).get_matching_blocks())
    return bool(known) and len(name) + len(known) - 2 * alike <= _SLIPS
