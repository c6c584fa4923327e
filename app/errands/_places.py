"""Where we speak and what about: conversations of a commit, links, who may see what. Shared by the reporting errands."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from app.context import Context
from app.errors import Permanent
from app.forges import Conversation, Forge
from app.reach import owns
from app.store import Posted, Source, Standing
from app.workflow import trigger
from app.workflow.definition import digest
from app.workflow.facts import NotRun
from app.workflow.line import MAIN, Lane, Run
from app.workflow.report import Entry, Report, choose, describe, entries


def forge_of(context: Context, repository: str) -> Forge:
    """The forge that a repository id (`github:123`) belongs to. Raises Permanent when it is not configured any more."""
    port = context.forges.get(repository.partition(":")[0])
    if port is None:
        raise Permanent(f"the forge of {repository} is not configured")
    return port.api


def conversations(context: Context, repository: str, sha: str, lane: Lane = MAIN) -> tuple[Conversation, ...]:
    """Where a commit is talked about: its lane's pull request, else the requests whose head or merge it is (three at most), else its
    own thread; never by branch name (product.md section 3)."""
    kind, _, place = lane.key.partition("/")
    number, _, where = place.partition("@")
    if kind == "pr" and where == repository:
        return (Conversation(repository, number=int(number)),)
    requests = forge_of(context, repository).pull_requests_of(repository, sha)
    found = tuple(Conversation(repository, number=request.number) for request in requests[:3])
    return found or (Conversation(repository, sha=sha),)


def at_place(place: str) -> Conversation:
    """The conversation that `Conversation.place` names."""
    repository, mark, rest = place.partition("#")
    if mark:
        return Conversation(repository, number=int(rest))
    repository, _, sha = place.partition("@")
    return Conversation(repository, sha=sha)


def run_url(context: Context, account: str, run: Run) -> str:
    view = context.store.run(account, run.ref)
    return f"{context.settings.url}/runs/{view.key}" if view else ""


def report_url(context: Context, account: str, report: Report) -> str:
    """The page of the run that a report is about, or of the one because of which there is none; "" when there is neither."""
    if report.entry.run:
        return run_url(context, account, report.entry.run)
    omission = report.entry.omission
    if omission is None:
        return ""
    events = {cause.event for cause in omission.causes}
    for view in context.store.runs(account, omission.because, limit=20) if omission.because else ():
        if any(cause.event in events for cause in view.run.causes):
            return run_url(context, account, view.run)
    return ""


def context_name(context: Context, job: str) -> str:
    """A job's status context; contexts are case-insensitive on GitHub (forges.md trap 10)."""
    return f"{context.settings.bot_name}/{job}".lower()


def visible(context: Context, repository: str, account: str, name: str, reported: bool = False) -> bool:
    """Whether readers of `repository` may see a job or resource: its source is as visible, or is this very repository (product.md
    section 6), and the repository is the account's to write to. What no file defines any more they may see when it was `reported` there."""
    node = context.store.ask(account, lambda line: line.node(name))
    defined = node.job or node.resource
    source = context.store.source(defined.source) if defined else None
    if not writable(context, account, repository):
        return False
    if source is None or context.store.repository(repository) is None:
        return reported
    return readable(context, repository, source)


def readable(context: Context, repository: str, source: Source) -> bool:
    """Whether readers of `repository` may see what `source` defines."""
    here, there = context.store.repository(repository), context.store.repository(source.repository)
    private = there.private if there else source.private
    return source.repository == repository or not private or (here is not None and here.private)


def writable(context: Context, account: str, repository: str) -> bool:
    """Whether anything of an account may be said in `repository`: those of others it may only read (`app.reach`)."""
    here = context.store.repository(repository)
    return here is None or owns(context, account, here)


def report_of(context: Context, standing: Standing, repository: str = "") -> Report | None:
    """What a commit status says of one job. With `repository` its readers learn of nothing that they may not see."""
    waits = partial(waits_for, context, standing.account, repository)
    return choose(_entries(context, standing, repository), standing.open_lanes, waits)


def report_in(context: Context, standing: Standing, lane: Lane, repository: str) -> Report | None:
    """How one job stands on one commit in one lane, gates that have no status included."""
    newest = next((entry for entry in _entries(context, standing, repository) if entry.lane == lane), None)
    return describe(newest, partial(waits_for, context, standing.account, repository)) if newest else None


def _entries(context: Context, standing: Standing, repository: str) -> tuple[Entry, ...]:
    omissions = [(_discreet(context, standing.account, each, repository), at) for each, at in standing.not_run]
    return entries((view.run for view in standing.runs), standing.candidates, omissions)


def _discreet(context: Context, account: str, omission: NotRun, repository: str) -> NotRun:
    """`omission`, not naming what readers of `repository` may not see."""
    if not repository or omission.because == omission.job or visible(context, repository, account, omission.because):
        return omission
    return replace(omission, because="", reason="because of something in a repository with fewer readers")


def waits_for(context: Context, account: str, repository: str, run: Run) -> str:
    """Why a run has not started, in a few words, naming no job that readers of `repository` may not see."""
    reasons = context.store.ask(account, lambda line: trigger.why(line, run, context.kinds))
    told = {reason.sentence if _may_name(context, repository, account, reason) else "waits for another job": None for reason in reasons}
    return "; ".join(told)


def _may_name(context: Context, repository: str, account: str, reason: trigger.Reason) -> bool:
    about_a_job = reason.kind in (trigger.Obstacle.TURN, trigger.Obstacle.RUN, trigger.Obstacle.JOB)
    return not repository or not about_a_job or visible(context, repository, account, reason.name)


def say_once(context: Context, conversation: Conversation, purpose: str, subject: str, marker: str, body: str) -> Posted | None:
    """A comment that exists once for (`purpose`, `subject`) and says `body`: made or edited; None when it says so already.

    After a doubtful answer the marker finds it again (architecture.md section 6, rule 14); a deleted one is made anew.
    """
    forge, wanted = forge_of(context, conversation.repository), digest(body)
    known = context.store.posted(purpose, subject)
    here = known if known and known.place == conversation.place else None
    if here and here.digest == wanted:
        return None
    if here and forge.edit_comment(conversation, here.id, body):
        said = replace(here, digest=wanted, at=context.store.now(), edits=here.edits + 1)
    else:
        found = None if known else forge.find_comment(conversation, marker)
        found = found if found and forge.edit_comment(conversation, found.id, body) else None
        made = found or forge.create_comment(conversation, body)
        said = Posted(purpose, subject, conversation.place, made.id, wanted, context.store.now())
    context.store.set_posted(said)
    return said
