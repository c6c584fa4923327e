"""The texts that answer `status`, `why` and `help`, and what an accepted command came to. As careful as `say`, whose means it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.workflow.facts import NotRun
from app.workflow.line import Candidate, Lane, Run, Status
from app.workflow.markdown import code, cut
from app.workflow.say import listed, quiet


def bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def commands(prefix: str, usages: Mapping[str, tuple[str, str]]) -> str:
    """`usages`: verb -> (usage, help)."""
    rows = [f"{code(f'{prefix} {usage}')}: {text}" for usage, text in usages.values()]
    return f"One command a line, in a new comment:\n\n{bullets(rows)}"


def standing(sha: str, rows: Sequence[tuple[str, str]], hidden: int, most: int = 50) -> str:
    """`rows`: (job, how it stands). `hidden` jobs are only counted."""
    if not rows and not hidden:
        return f"No job of the line has anything to do with {code(sha[:12])}."
    shown = [f"{code(job)}: {quiet(state)}" for job, state in rows[:most]]
    over = [f"and {len(rows) - most} more"] if len(rows) > most else []
    over += [f"{hidden} in repositories with fewer readers"] if hidden else []
    return cut(f"On {code(sha[:12])}:\n\n{bullets(shown + over)}")


def stands(run: Run) -> str:
    words = {Status.TIMED_OUT: "timed out"}.get(run.status, str(run.status))
    return f"{words} (#{run.ref.number}){': ' + run.reason if run.reason else ''}"


def waits_for_approval(candidate: Candidate) -> str:
    gate = candidate.definition.gate
    return f"waits for approval ({len(candidate.approvals)} of {gate.required if gate else 1}), digest {candidate.short}"


def at_the_gate(candidate: Candidate, line: str) -> str:
    who = candidate.definition.gate.approvers if candidate.definition.gate and candidate.definition.gate.restricted else ()
    by = f" by {listed(who)}" if who else " by somebody with write access"
    return f"{code(candidate.job)} {waits_for_approval(candidate)}{by}; to approve, type {code(line)}."


def run_waits(run: Run, reasons: Sequence[str]) -> str:
    """`reasons`: all that is in the way, as `trigger.why` says it; nothing for a run that is under way."""
    said = "; ".join(quiet(reason) for reason in reasons) or f"is {run.status}"
    return f"{code(str(run.ref))}: {said}."


def inconsistent(job: str, sentence: str) -> str:
    return f"{code(job)} may not start: {quiet(sentence)}"


def is_paused(job: str, line: str) -> str:
    return f"{code(job)} is paused: automatic runs wait. To end that, type {code(line)}."


def ready_by_hand(job: str, lane: Lane, line: str) -> str:
    return f"{code(job)} is ready by hand in {code(lane.label)}: an IN that is switched off has changed. To run it, type {code(line)}."


def not_run(omission: NotRun) -> str:
    return f"{code(omission.job)} has no run here: {quiet(omission.reason)}"


def last_run(run: Run) -> str:
    return f"Nothing of {code(run.ref.job)} waits. Its newest run here {quiet(stands(run))}."


def nothing_going_on(job: str) -> str:
    return f"Nothing of {code(job)} waits, and nothing happened to it here."


# -- what an accepted command came to ----------------------------------------------------------------------------------


def approved(job: str) -> str:
    return f"Your approval for {code(job)} counts; its gate wants more."


def opened(job: str, run: int) -> str:
    return f"The gate of {code(job)} is open: run #{run} is next."


def ended(job: str, state: str) -> str:
    return f"What waited at the gate of {code(job)} is {state}."


def proposed(candidate: Candidate) -> str:
    return f"{code(candidate.job)} has a gate: {code(candidate.short)} waits for approval."


def added(run: Run) -> str:
    return f"{code(str(run.ref))} is {run.status}."


def stopping(run: str) -> str:
    return f"{code(run)} is being stopped."


def over(run: str, status: str) -> str:
    return f"{code(run)} is {status}."


def admitted(sha: str) -> str:
    return f"{code(sha[:12])} may run."


NOTHING_NEW = "Nothing was to be done: it is so already."
