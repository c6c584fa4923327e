"""`gateline simulate`: plays events to the line that workflow files make, by the rules of the service, offline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.offline import check, repositories
from app.cli.printout import Printout, dumped
from app.cli.words import typed_here
from app.commands import Answer, Found, Reading, Scene
from app.commands.why import Why
from app.store.told import told
from app.wire import kinds
from app.workflow import answers
from app.workflow.comment import Call
from app.workflow.definition import Json
from app.workflow.facts import Fact, NotRun, RunStarted
from app.workflow.happenings import VERBS, happen
from app.workflow.happenings_text import BadStep, Step, typed, written
from app.workflow.simulation import Simulation, person

PROMPT = "> "


@command("simulate", "gateline simulate", "gateline simulate --events release.yml", "gateline simulate ../app ../infra")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path))
@click.option("--events", type=click.File(), help="What happens: a YAML list, or a line each; `-` for standard input. Default: asks.")
@pass_here
def simulate(here: Here, paths: tuple[Path, ...], events: TextIO | None) -> Printout:
    """Play events to the line of workflow files: what starts, what does not, and why."""
    checked = check(repositories(paths or (Path(),)))
    for finding in checked.errors:
        click.echo(finding.text().plain, err=True)
    simulation = Simulation(checked.fragments, kinds())
    if events is None:
        return _asked(simulation, here.json)
    try:
        scenes = [_scene(simulation, step) for step in written(events.read())]
    except BadStep as problem:
        raise click.UsageError(f"{events.name}: {problem}") from None
    return Printout(list(scenes), tuple(line for scene in scenes for line in _lines(scene)), not checked.errors)


def _asked(simulation: Simulation, as_json: bool) -> Printout:
    """Event by event, until the input ends; one that cannot be changes nothing."""
    click.echo("What happens? `help` lists the words, an empty line or Ctrl-D ends.", err=True)
    while line := _next(sys.stdin):
        try:
            if line == "help":
                click.echo("\n".join(f"{verb.usage}\n    {verb.help}" for verb in VERBS.values()), err=True)
            else:
                scene = _scene(simulation, typed(line))
                click.echo(dumped(scene) if as_json else "\n".join(_lines(scene)[1:]))
        except BadStep as problem:
            click.echo(str(problem), err=True)
    return Printout(None)


def _next(lines: TextIO) -> str:
    click.echo(PROMPT, nl=False, err=True)
    return lines.readline().strip()


def _scene(simulation: Simulation, step: Step) -> dict[str, Json]:
    """One event: what was decided, and why each job that did not start did not. Raises BadStep."""
    facts = [fact for decided in happen(simulation, step) for fact in decided]
    started = {fact.run.job for fact in facts if isinstance(fact, RunStarted)}
    idle = [job for job in simulation.ledger.jobs if job not in started and simulation.running(job) is None]
    reasons = {job: _reasons(simulation, job, facts) for job in idle}
    return {
        "event": str(step),
        "decided": list(told(facts)),
        "not started": {job: list(said) for job, said in reasons.items() if said},
        "not concerned": [job for job, said in reasons.items() if not said],
    }


def _reasons(simulation: Simulation, job: str, facts: list[Fact]) -> tuple[str, ...]:
    """What `why JOB` answers now; nothing for a job that nothing happened to."""
    omissions = tuple(fact for fact in facts if isinstance(fact, NotRun) and fact.job == job)
    scene = Scene(
        by=person("somebody"),
        key="why",
        via="simulation",
        now=simulation.now,
        kinds=simulation.kinds,
        prefix=PROMPT.strip(),
        jobs=(simulation.ledger.jobs[job],),
        found=(Found(job, not_run=omissions),),
    )
    call = Call("why", line=f"why {job}", job=job)
    answer: Reading = simulation.ask(lambda line: Why().read(line, call, scene))
    text = answer.text if isinstance(answer, Answer) else ""
    if text == answers.bullets([answers.nothing_going_on(job)]):
        return ()
    return tuple(typed_here(line.removeprefix("- "), "") for line in text.splitlines())


def _lines(scene: dict[str, Json]) -> list[str]:
    return list(_shown(scene))


def _shown(scene: dict[str, Json]) -> Iterator[str]:
    yield f"{PROMPT}{scene['event']}"
    yield from (f"  {each}" for each in _texts(scene["decided"]) or ["nothing"])
    held = scene["not started"]
    if isinstance(held, dict) and held:
        yield "  not started:"
        yield from (f"    {sentence}" for said in held.values() for sentence in _texts(said))
    if others := _texts(scene["not concerned"]):
        yield f"  not concerned: {', '.join(others)}"


def _texts(value: Json) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
