"""Which candidate an answer for a gate is about: the one whose digest was typed, or the one announced in this very conversation."""

from __future__ import annotations

from app.commands import Refusal, Scene
from app.commands._typed import hexadecimal, line_of
from app.workflow import say
from app.workflow.comment import Call
from app.workflow.line import Candidate, CandidateState, Line

READ_AFTER = 2.0
"""Seconds, by the forge's clock, that an announcement must be older than what is typed below it (product.md section 4)."""

DIGITS = 8
"""Fewest digits of a digest that name a candidate."""


def chosen(line: Line, call: Call, scene: Scene) -> Candidate | Refusal:
    """The open candidate that `call` means, or why none is meant and the line that would name it."""
    waiting = line.node(scene.job.name).open
    if call.digest:
        return _by_digest(call, scene, waiting)
    if not waiting:
        return Refusal(say.nothing_waits(scene.job.name))
    announced = {each.number: each.at for each in scene.announced if each.job == scene.job.name}
    here = [each for each in waiting if scene.typed is not None and each.number in announced]
    if not here:
        return _name_it(call, scene, waiting, say.not_announced_here(scene.job.name))
    read = [each for each in here if announced[each.number] + READ_AFTER <= (scene.typed or 0.0)]
    if len(read) == 1:
        return read[0]
    return _name_it(call, scene, tuple(read) or tuple(here), say.too_soon(scene.job.name))


def _name_it(call: Call, scene: Scene, waiting: tuple[Candidate, ...], reason: str) -> Refusal:
    if len(waiting) > 1:
        reason = say.which_candidate(scene.job.name, [each.short for each in waiting])
    return Refusal(reason, line_of(scene, call.verb, scene.job.name, waiting[0].short))


def _by_digest(call: Call, scene: Scene, waiting: tuple[Candidate, ...]) -> Candidate | Refusal:
    typed = call.digest.casefold()
    if not hexadecimal(typed, DIGITS):
        return Refusal(say.bad_hex("digest", call.digest, DIGITS), _suggestion(call, scene, waiting))
    meant = [each for each in waiting if each.digest.startswith(typed)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        return _name_it(call, scene, tuple(meant), "")
    past = next((each for each in scene.candidates if each.digest.startswith(typed)), None)
    if past is None:
        return Refusal(say.unknown_digest(scene.job.name, call.digest), _suggestion(call, scene, waiting))
    return _over(call, scene, past, waiting)


def _over(call: Call, scene: Scene, past: Candidate, waiting: tuple[Candidate, ...]) -> Refusal:
    newer = next((each for each in waiting if each.lane == past.lane), None)
    if past.state is CandidateState.SUPERSEDED and newer:
        reason = say.superseded(past.job, past.short, newer.short, differences(past, newer))
        return Refusal(reason, line_of(scene, call.verb, past.job, newer.short))
    return Refusal(say.candidate_over(past.job, past.short, past.state, past.reason))


def _suggestion(call: Call, scene: Scene, waiting: tuple[Candidate, ...]) -> str:
    return line_of(scene, call.verb, scene.job.name, waiting[0].short) if len(waiting) == 1 else ""


def differences(old: Candidate, new: Candidate) -> tuple[str, ...]:
    """Which items of a candidate changed, a phrase each: inputs, injected values, the definition."""
    before, after = _numbers(old), _numbers(new)
    items = [
        say.other_version(name, before.get(name, 0), after.get(name, 0))
        for name in before | after
        if before.get(name, 0) != after.get(name, 0)
    ]
    items += [say.other_value(name) for name, _ in sorted(set(old.values) ^ set(new.values))]
    if old.definition != new.definition:
        items.append(say.OTHER_DEFINITION)
    return tuple(dict.fromkeys(items))


def _numbers(candidate: Candidate) -> dict[str, int]:
    """Input -> the number of the version frozen for it, 0 for none."""
    return {taken.name: taken.version.number if taken.version else 0 for taken in candidate.inputs}
