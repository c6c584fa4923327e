"""`show`, `logs` and `audit`: what there is to see at the machine, whoever asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import click
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from app.cli import closeup, overview, trouble
from app.cli.asking import commit_named
from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout, console_of_output, table
from app.cli.who import account_of, account_option
from app.cli.words import moment, run_ref, typed_here
from app.context import Context
from app.errors import NotFound
from app.store import Chunk, RunView
from app.web import shapes
from app.web.log_text import chunks, readable

EVERY = 0.5
"""Seconds between two looks at a log that is followed."""


@command("show", "gateline show", "gateline show deploy-prod", "gateline show build#12", "gateline show --commit 3f9a1c2b7d4e")
@click.argument("what", metavar="[JOB|RUN]", default="")
@click.option("--problems", is_flag=True, help="What is wrong: files, jobs, errands, pools. Exit code 1 when anything is.")
@click.option("--workers", is_flag=True, help="Who works, and on what.")
@click.option("--events", is_flag=True, help="What came in, and what was decided or why nothing was.")
@click.option("--commit", metavar="SHA", help="The statuses and comments on a commit.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500), help="Of --events.")
@account_option
@pass_here
def show(
    here: Here, what: str, problems: bool, workers: bool, events: bool, commit: str | None, limit: int, account: str | None
) -> Printout:
    """Show the line, or one job, run or commit of it."""
    context = here.served
    if sum((bool(what), problems, workers, events, bool(commit))) > 1:
        raise click.UsageError("One thing at a time: a job or run, --problems, --workers, --events or --commit.")
    if problems:
        return trouble.problems(context)
    if workers:
        return trouble.workers(context)
    if events:
        return trouble.events(context, _accounts(context, account), limit)
    if commit:
        return closeup.commit(context, *commit_named(context, account_of(context, account), commit))
    if what:
        return _one(context, account, what)
    return overview.line(context, _accounts(context, account))


def _accounts(context: Context, given: str | None) -> tuple[str, ...]:
    if given is not None:
        return (account_of(context, given),)
    return tuple(dict.fromkeys(source.account for source in context.store.sources()))


def _one(context: Context, account: str | None, what: str) -> Printout:
    ref = run_ref(what)
    if ref is None:
        return closeup.job(context, account_of(context, account, what), what)
    return closeup.run(context, account_of(context, account, ref.job), ref)


# -- logs ----------------------------------------------------------------------------------------------------------------------


@command("logs", "gateline logs build#12", "gateline logs build -f")
@click.argument("what", metavar="RUN|JOB")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run ends; exit code 1 unless it succeeded.")
@account_option
@pass_here
def logs(here: Here, what: str, follow: bool, account: str | None) -> Printout | None:
    """Print the log of a run; of a job: of its newest run."""
    context = here.served
    view = _meant(context, account, what)
    if not follow and here.json:
        return Printout({"run": str(view.run.ref), "chunks": [_told(each) for each in chunks(context.store, view.id)]})
    writer = _Writer(here.json)
    for chunk in _followed(context, view) if follow else chunks(context.store, view.id):
        writer.write(chunk)
    return _verdict(context, view) if follow else None


def _meant(context: Context, account: str | None, what: str) -> RunView:
    """Raises NotFound."""
    ref = run_ref(what)
    name = ref.job if ref else what
    found = account_of(context, account, name)
    view = context.store.run(found, ref) if ref else next(iter(context.store.runs(found, name, limit=1)), None)
    if view is None:
        raise NotFound(f"There is no run {ref} in {found}." if ref else f"{name} has never run in {found}.")
    return view


def _followed(context: Context, view: RunView) -> Iterator[Chunk]:
    """All chunks, as they come, until the run is over."""
    after, pause = 0, threading.Event()
    while True:
        over = _now(context, view).run.status.final
        for chunk in chunks(context.store, view.id, after):
            after = chunk.number
            yield chunk
        if over:
            return
        pause.wait(EVERY)


def _now(context: Context, view: RunView) -> RunView:
    return context.store.run(view.account, view.run.ref) or view


def _verdict(context: Context, view: RunView) -> Printout:
    """How the run that was followed ended."""
    now = _now(context, view)
    fine = now.run.status.passed
    told = shapes.run(now, context.settings.url)
    return Printout(told, (Text(f"{now.run.ref} {overview.standing_text(context, now)}", "green" if fine else "red"),), fine)


def _told(chunk: Chunk) -> shapes.Shape:
    return {"number": chunk.number, "at": chunk.at, "section": chunk.section, "text": chunk.text}


class _Writer:
    """Writes chunks one after the other, each section below its name; as JSON one object a line."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._section = ""
        self._console: Console = console_of_output()

    def write(self, chunk: Chunk) -> None:
        if self._json:
            print(json.dumps(_told(chunk), ensure_ascii=False), flush=True)
            return
        if chunk.section != self._section:
            self._section = chunk.section
            self._console.print(Rule(Text(chunk.section), align="left", characters="─"), width=min(self._console.width, 100))
        print(readable(chunk.text), end="", flush=True)


# -- audit ---------------------------------------------------------------------------------------------------------------------


@command("audit", "gateline audit", "gateline audit --job deploy-prod")
@click.option("--job", metavar="JOB", help="Only what was asked of this job.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Entries, newest first.")
@account_option
@pass_here
def audit(here: Here, job: str | None, limit: int, account: str | None) -> Printout:
    """List who asked for what, and whether it was done."""
    context = here.served
    found = context.store.audit(account, job, limit)
    rows = [
        (
            moment(each.at),
            each.by.login,
            each.action,
            each.subject[:24],
            Text("done", "green") if each.accepted else Text("refused", "red"),
            each.via.partition(":")[0],
            typed_here(each.detail, context.settings.bot_name),
        )
        for each in found
    ]
    shown = table(("WHEN", "WHO", "ACTION", "ON", "OUTCOME", "VIA", "DETAIL"), rows) if rows else "Nobody has asked for anything yet."
    return Printout([shapes.audit_entry(each) for each in found], (shown,))
