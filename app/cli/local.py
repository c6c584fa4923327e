"""`repo user pr comment`: what people do on the local forge, which has no pages of its own."""

from __future__ import annotations

import re

import click

from app.cli.asking import whole_sha
from app.cli.command import Group, command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout, table
from app.cli.who import local_forge
from app.forges import Conversation, PullRequest
from app.forges.local import actions
from app.web.shapes import Shape
from app.web.shapes import person as person_told
from app.workflow.events import Repository

PLACE = re.compile(r"(?P<name>[^#@\s]+/[^#@\s]+)(?:#(?P<number>\d{1,9})|@(?P<sha>[0-9a-fA-F]{4,40}))")
REQUEST = "OWNER/REPO#NUMBER"


# -- repositories and people ---------------------------------------------------------------------------------------------------


@click.group("repo", cls=Group)
def repo() -> None:
    """Make and list repositories on the local forge: plain git, no service."""


@repo.command("create", examples=("gateline repo create acme/app", "gateline repo create acme/vault --private --branch trunk"))
@click.argument("name", metavar="OWNER/NAME")
@click.option("--branch", default="main", show_default=True, help="Its default branch.")
@click.option("--private", is_flag=True, help="Only people with read access see what is in it.")
@pass_here
def repo_create(here: Here, name: str, branch: str, private: bool) -> Printout:
    """Make an empty repository that tells Gateline of each push."""
    made = actions.create_repository(local_forge(here.served), name, branch, private)
    steps = (f"git remote add gateline {made.clone_url}", f"gateline source add local:{made.full_name}", f"git push gateline {branch}")
    return Printout(_repository(made), (f"Made {made.full_name}: {made.clone_url}", "Next:", *(f"  {step}" for step in steps)))


@repo.command("list", examples=("gateline repo list",))
@pass_here
def repo_list(here: Here) -> Printout:
    """List the repositories on the local forge, with what to clone and push to."""
    forge = local_forge(here.served)
    found = [forge.repository(row.full_name) for row in forge.desk.repositories()]
    rows = [(each.full_name, each.default_branch, "private" if each.private else "public", each.clone_url) for each in found]
    shown = table(("REPOSITORY", "BRANCH", "SEEN BY", "URL"), rows) if rows else "No repositories: gateline repo create OWNER/NAME"
    return Printout([_repository(each) for each in found], (shown,))


def _repository(it: Repository) -> Shape:
    told: Shape = {"id": it.id, "name": it.full_name, "branch": it.default_branch}
    return {**told, "private": it.private, "url": it.clone_url}


@click.group("user", cls=Group)
def user() -> None:
    """Add and list the people of the local forge."""


@user.command("add", examples=("gateline user add alice write",))
@click.argument("name")
@click.argument("level", type=click.Choice(sorted(actions.LEVELS, key=actions.LEVELS.__getitem__)))
@pass_here
def user_add(here: Here, name: str, level: str) -> Printout:
    """Add somebody, or change what they may do in every repository of the local forge."""
    made = actions.add_user(local_forge(here.served), name, level)
    message = f"{made.login} has {level} access."
    return Printout({"id": made.id, "login": made.login, "level": level, "message": message}, (message,))


@user.command("list", examples=("gateline user list",))
@pass_here
def user_list(here: Here) -> Printout:
    """List the people of the local forge."""
    people = [each for each in local_forge(here.served).desk.people() if each.id]
    rows = [(each.login, each.level.name.lower(), f"local:{each.id}") for each in people]
    shown = table(("LOGIN", "LEVEL", "ID"), rows) if rows else "Nobody yet: gateline user add NAME write"
    return Printout([{"id": id, "login": login, "level": level} for login, level, id in rows], (shown,))


# -- pull requests -------------------------------------------------------------------------------------------------------------


as_author = click.option("--as", "login", metavar="NAME", required=True, envvar="GATELINE_USER", help="Who does it.")


@click.group("pr", cls=Group)
def pr() -> None:
    """Open, merge, close and list pull requests of the local forge."""


@pr.command("open", examples=("gateline pr open acme/app new-shop --title 'A new shop' --as carol",))
@click.argument("repository", metavar="OWNER/REPO")
@click.argument("branch")
@click.option("--into", default="", help="The branch to merge into; default: the repository's own.")
@click.option("--title", default="", help="Default: the message of the branch's newest commit.")
@as_author
@pass_here
def pr_open(here: Here, repository: str, branch: str, into: str, title: str, login: str) -> Printout:
    """Open a pull request for BRANCH."""
    forge = local_forge(here.served)
    tip = forge.tip(repository, branch)
    name = title or (tip.message.partition("\n")[0] if tip else branch)
    base = into or forge.repository(repository).default_branch
    return _about(actions.open_pull_request(forge, repository, branch, base, name, login), "Opened")


@pr.command("merge", examples=("gateline pr merge acme/app#1 --as carol",))
@click.argument("place", metavar=REQUEST)
@as_author
@pass_here
def pr_merge(here: Here, place: str, login: str) -> Printout:
    """Merge a pull request by a merge commit."""
    repository, number = _request(place)
    return _about(actions.merge_pull_request(local_forge(here.served), repository, number, login), "Merged")


@pr.command("close", examples=("gateline pr close acme/app#1",))
@click.argument("place", metavar=REQUEST)
@pass_here
def pr_close(here: Here, place: str) -> Printout:
    """Close a pull request unmerged."""
    repository, number = _request(place)
    return _about(actions.close_pull_request(local_forge(here.served), repository, number), "Closed")


@pr.command("list", examples=("gateline pr list acme/app",))
@click.argument("repository", metavar="OWNER/REPO")
@pass_here
def pr_list(here: Here, repository: str) -> Printout:
    """List the open pull requests, newest first."""
    found = actions.list_pull_requests(local_forge(here.served), repository)
    rows = [(f"#{each.number}", each.title, f"{each.head_ref} -> {each.base_ref}", each.author.login, each.head[:12]) for each in found]
    shown = table(("NUMBER", "TITLE", "BRANCHES", "BY", "HEAD"), rows) if rows else f"No open pull requests in {repository}."
    return Printout([_request_told(each) for each in found], (shown,))


def _request(place: str) -> tuple[str, int]:
    found = PLACE.fullmatch(place)
    if found is None or found["number"] is None:
        raise click.UsageError(f"{place!r} is no pull request: write {REQUEST}, as in acme/app#1.")
    return found["name"], int(found["number"])


def _about(request: PullRequest, done: str) -> Printout:
    where = f"{request.repository.full_name}#{request.number}"
    message = f"{done} {where}: {request.title} ({request.head_ref} -> {request.base_ref})"
    return Printout({**_request_told(request), "message": message}, (message,))


def _request_told(it: PullRequest) -> Shape:
    told: Shape = {"repository": it.repository.full_name, "number": it.number, "title": it.title, "open": it.open, "merged": it.merged}
    return {**told, "head": it.head, "head_ref": it.head_ref, "base_ref": it.base_ref, "by": person_told(it.author)}


@command(
    "comment",
    "gateline comment acme/app#1 '/gateline approve deploy-prod' --as alice",
    "gateline comment acme/app@3f9a1c2b 'Looks good' --as bob",
)
@click.argument("place", metavar="OWNER/REPO#NUMBER|OWNER/REPO@SHA")
@click.argument("text")
@as_author
@pass_here
def comment(here: Here, place: str, text: str, login: str) -> Printout:
    """Write a comment on a pull request or a commit of the local forge."""
    found = PLACE.fullmatch(place)
    if found is None:
        raise click.UsageError(f"{place!r} is no place to comment on: write OWNER/REPO#NUMBER or OWNER/REPO@SHA.")
    forge = local_forge(here.served)
    repository = forge.repository(found["name"])
    if found["number"]:
        where = Conversation(repository.id, int(found["number"]))
    else:
        where = Conversation(repository.id, sha=whole_sha(forge, repository.id, found["sha"]))
    made = actions.comment(forge, where, login, text)
    message = f"{made.author.login} commented on {place}."
    return Printout({"id": made.id, "by": person_told(made.author), "created": made.created, "message": message}, (message,))
