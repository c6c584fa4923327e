"""Adding and removing sources: the repositories whose workflow files make up an account's line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.adopt import ADMINISTRATOR, Reading, adopt, read
from app.context import Context
from app.errors import NotFound, Permanent, Refused
from app.forges import ForgePort, Level
from app.react import react
from app.store import Source
from app.workflow.definition import Severity
from app.workflow.events import Repository, SourceRemoved
from app.workflow.line import Actor

SPEC = re.compile(r"(?P<forge>[a-z]+):(?P<name>[^/@\s]+(?:/[^/@\s]+)+)(?:@(?P<branch>\S+))?")
SKEW = 60.0
"""Seconds that our clock may differ from the forge's: App tokens and signatures stop working beyond (forges.md trap 57)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be right for a source to work. `remedy` is what to type or do when it is not."""

    subject: str
    fine: bool
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What `source add` found before anything is stored."""

    source: Source
    repository: Repository
    reading: Reading
    checks: tuple[Check, ...]

    @property
    def fine(self) -> bool:
        return all(check.fine for check in self.checks)


def examine(context: Context, spec: str) -> Examined:
    """Looks whether `FORGE:OWNER/REPO[@branch]` can be a source, changing nothing but the forge's webhook.

    Raises Refused for a malformed or unconfigured name, NotFound for a repository that cannot be seen.
    """
    port, name, branch = _named(context, spec)
    repository = port.api.repository(name)
    branch = branch or repository.default_branch
    if not branch:
        raise Refused(f"{spec} is empty and has no default branch: name the one that will be, as in {spec}@main")
    key = f"{port.name}:{repository.full_name}@{branch}"
    account = f"{port.name}:{repository.full_name.partition('/')[0].lower()}"
    source = Source(key, account, port.name, repository.id, repository.full_name, branch, repository.private)
    reading = read(context, source)
    checks = (
        _rights(port, repository),
        _hook(context, port, repository),
        _files(reading, source),
        _reachable(context, port),
        _clock(port),
    )
    return Examined(source, repository, reading, checks)


def _named(context: Context, spec: str) -> tuple[ForgePort, str, str | None]:
    parts = SPEC.fullmatch(spec)
    if parts is None:
        raise Refused(f"{spec!r} names no repository: write FORGE:OWNER/REPO or FORGE:OWNER/REPO@BRANCH, as in github:acme/app@main")
    port = context.forges.get(parts["forge"])
    if port is None:
        known = ", ".join(sorted(context.forges)) or "none"
        raise Refused(f"the forge {parts['forge']} is not configured (configured: {known}): for GitHub set GATELINE_GITHUB_TOKEN")
    return port, parts["name"], parts["branch"]


def _rights(port: ForgePort, repository: Repository) -> Check:
    me = port.api.me()
    level = port.api.permission(repository.id, me) if not me.bot else Level.WRITE
    fine = level >= Level.WRITE
    remedy = "" if fine else f"give {me.login} write access to {repository.full_name}: statuses need it"
    return Check("permissions", fine, f"{me.login} has {level.name.lower()} access to {repository.full_name}", remedy)


def _hook(context: Context, port: ForgePort, repository: Repository) -> Check:
    secret = context.settings.github_webhook_secret
    try:
        sentence = port.api.ensure_hook(
            repository.id, f"{context.settings.url}/hooks/{port.name}", secret.get_secret_value() if secret else ""
        )
    except (Permanent, Refused) as problem:
        return Check(
            "webhook",
            False,
            str(problem),
            f"add a webhook for {context.settings.url}/hooks/{port.name} by hand, content type application/json",
        )
    return Check("webhook", True, sentence)


def _files(reading: Reading, source: Source) -> Check:
    if reading.tip is None or not reading.blobs:
        sentence = f"no workflow file at the tip of {source.branch}" if reading.tip else reading.problems[0].sentence
        return Check("workflow files", True, f"{sentence}: commit a gateline.yml and push, it is read then")
    errors = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
    if errors:
        return Check(
            "workflow files",
            False,
            f"{len(errors)} errors, the first: {errors[0]}",
            "mend them and push: each push reads the files again",
        )
    return Check("workflow files", True, ", ".join(reading.blobs))


def _reachable(context: Context, port: ForgePort) -> Check:
    url = context.settings.url
    private = port.name != "local" and re.match(r"https?://(localhost|127\.|\[::1\]|0\.0\.0\.0)", url)
    remedy = "set GATELINE_BASE_URL to the address under which the forge reaches this machine" if private else ""
    return Check("base URL", not private, f"links and hooks use {url}", remedy)


def _clock(port: ForgePort) -> Check:
    skew = port.api.clock_skew()
    remedy = "" if abs(skew) < SKEW else "synchronise this machine's clock (NTP)"
    return Check("clock", abs(skew) < SKEW, f"{abs(skew):.0f} s {'ahead of' if skew >= 0 else 'behind'} {port.name}'s", remedy)


def add_source(context: Context, repository: Repository, branch: str = "") -> str:
    """Stores the source and adopts it. Adoption itself runs nothing (product.md section 2)."""
    forge = repository.id.partition(":")[0]
    branch = branch or repository.default_branch
    key = f"{forge}:{repository.full_name}@{branch}"
    account = f"{forge}:{repository.full_name.partition('/')[0].lower()}"
    if context.store.source(key) is not None:
        return f"{key} is a source already"
    context.store.put_repository(repository)
    source = Source(key, account, forge, repository.id, repository.full_name, branch, repository.private)
    context.store.add_source(source)
    return adopt(context, source, ADMINISTRATOR)


def remove_source(context: Context, key: str, by: Actor) -> tuple[str, ...]:
    """Takes a source away: its jobs and resources go, waiting gates end, statuses are closed. Returns the names of secrets that
    only this source could see, which stay until somebody removes them. Raises NotFound."""
    source = context.store.source(key)
    if source is None:
        known = ", ".join(each.key for each in context.store.sources()) or "none"
        raise NotFound(f"{key} is no source; sources are: {known}")
    now = context.store.now()
    react(context, source.account, SourceRemoved(key=f"remove:{key}:{now}", at=now, source=key, by=by))
    context.store.remove_source(key)
    return tuple(row.name for row in context.store.secret_rows(source.account) if row.sources == (key,))
