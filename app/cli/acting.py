"""`trigger retry cancel pause resume pin unpin why`: what people type in comments, typed at the machine."""

from __future__ import annotations

import re

import click

from app.cli.asking import Asker, commit_spot, lane_spot
from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout
from app.cli.who import account_of, account_option, as_option
from app.cli.words import run_ref
from app.errors import NotFound
from app.web.run_view import page
from app.workflow.comment import Call

VALUE = re.compile(r"(?P<key>[^=]+)=(?P<value>.*)", re.DOTALL)


@command("trigger", "gateline trigger smoke", "gateline trigger smoke REGION=eu", "gateline trigger smoke --lane pr/7")
@click.argument("job")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--lane", default="main", show_default=True, help="Where the run belongs: main, pr/7, branch/topic.")
@click.option("--break-glass", metavar="REASON", default="", help="Pass the gate: administrators only, audited and announced.")
@as_option
@account_option
@pass_here
def trigger(here: Here, job: str, values: tuple[str, ...], lane: str, break_glass: str, login: str | None, account: str | None) -> Printout:
    """Run JOB by hand; a job with a gate only waits for approval."""
    pairs = tuple(pair(each) for each in values)
    asker = Asker(here, login, account)
    spot = lane_spot(here.served, asker.account_for(job), lane)
    line = _typed("trigger", job, *values)
    return asker.ask(Call("trigger", line=line, job=job, values=pairs, break_glass=break_glass), spot)


def pair(text: str) -> tuple[str, str]:
    found = VALUE.fullmatch(text)
    if found is None:
        raise click.UsageError(f"{text!r} is no KEY=VALUE.")
    return found["key"], found["value"]


def _typed(*words: str) -> str:
    return " ".join(" ".join(words).split())


def _on_commit(verb: str, here: Here, job: str, commit: str | None, asker: Asker, reason: str = "") -> Printout:
    """Asks about a job, or about everything of a commit; one of them is needed."""
    if not job and not commit:
        raise click.UsageError("Name a job, or a commit with --commit.")
    spot = commit_spot(here.served, asker.account_for(job), commit) if commit else None
    return asker.ask(Call(verb, line=_typed(verb, job), job=job, reason=reason), spot)


@command("retry", "gateline retry unit-tests", "gateline retry --commit 3f9a1c2b7d4e")
@click.argument("job", default="")
@click.option("--commit", metavar="SHA", help="What failed for this commit; default: for the job's newest run.")
@as_option
@account_option
@pass_here
def retry(here: Here, job: str, commit: str | None, login: str | None, account: str | None) -> Printout:
    """Run again what failed for a commit, with the same inputs."""
    return _on_commit("retry", here, job, commit, Asker(here, login, account))


@command("cancel", "gateline cancel load-test --reason 'wrong region'", "gateline cancel --commit 3f9a1c2b7d4e")
@click.argument("job", default="")
@click.option("--commit", metavar="SHA", help="Only what belongs to this commit.")
@click.option("--reason", default="", help="Why; shown with the run.")
@as_option
@account_option
@pass_here
def cancel(here: Here, job: str, commit: str | None, reason: str, login: str | None, account: str | None) -> Printout:
    """Cancel what is not final of JOB, or of a commit."""
    return _on_commit("cancel", here, job, commit, Asker(here, login, account), reason)


@command("pause", "gateline pause deploy-staging")
@click.argument("job")
@as_option
@account_option
@pass_here
def pause(here: Here, job: str, login: str | None, account: str | None) -> Printout:
    """No automatic runs of JOB until it is resumed."""
    return Asker(here, login, account).ask(Call("pause", line=_typed("pause", job), job=job))


@command("resume", "gateline resume deploy-staging")
@click.argument("job")
@as_option
@account_option
@pass_here
def resume(here: Here, job: str, login: str | None, account: str | None) -> Printout:
    """Let JOB run automatically again."""
    return Asker(here, login, account).ask(Call("resume", line=_typed("resume", job), job=job))


@command("pin", "gateline pin deploy-prod app-image 41", "gateline pin deploy-prod app-image v2.3.1")
@click.argument("job")
@click.argument("resource")
@click.argument("version")
@as_option
@account_option
@pass_here
def pin(here: Here, job: str, resource: str, version: str, login: str | None, account: str | None) -> Printout:
    """Fix the VERSION of RESOURCE that runs of JOB take."""
    call = Call("pin", line=_typed("pin", job, resource, version), job=job, resource=resource, version=version)
    return Asker(here, login, account).ask(call)


@command("unpin", "gateline unpin deploy-prod app-image")
@click.argument("job")
@click.argument("resource")
@as_option
@account_option
@pass_here
def unpin(here: Here, job: str, resource: str, login: str | None, account: str | None) -> Printout:
    """Let runs of JOB take the latest version of RESOURCE again."""
    return Asker(here, login, account).ask(Call("unpin", line=_typed("unpin", job, resource), job=job, resource=resource))


@command("why", "gateline why deploy-prod", "gateline why build#12")
@click.argument("what", metavar="JOB|RUN")
@as_option
@account_option
@pass_here
def why(here: Here, what: str, login: str | None, account: str | None) -> Printout:
    """Say what JOB or RUN waits for, or why it did not run."""
    ref = run_ref(what)
    if ref is None:
        return Asker(here, login, account).ask(Call("why", line=_typed("why", what), job=what))
    context = here.served
    view = context.store.run(account_of(context, account, ref.job), ref)
    if view is None:
        raise NotFound(f"There is no run {ref}: `gateline show {ref.job}` lists those there are.")
    shown = page(context, view)
    text = " ".join((f"{ref}: {shown.status}.", *shown.reasons))
    return Printout({"run": str(ref), "status": shown.status, "reasons": list(shown.reasons)}, (text,))
