"""What people do on the local forge from the command line: each action keeps its rows, then posts the signed webhook for it.

So everything takes the one way, through `POST /hooks/local`. When the service does not answer, what was done stays done, and
`Temporary` says what that means.
"""

from __future__ import annotations

from app.errors import NotFound, Refused, Temporary
from app.forges import Comment, Conversation, Level, PullRequest
from app.forges.local import payload
from app.forges.local.api import LocalForge, actor
from app.forges.local.desk import Person, PullRow, RepositoryRow
from app.forges.local.disk import checked_name
from app.forges.local.git import BareRepository
from app.forges.local.post_receive import Undelivered, deliver
from app.workflow.events import Commit, Repository
from app.workflow.line import Actor

LEVELS = {"read": Level.READ, "write": Level.WRITE, "admin": Level.ADMIN}


def create_repository(forge: LocalForge, full_name: str, default_branch: str = "main", private: bool = False) -> Repository:
    """An empty bare repository with its hook installed; `clone_url` of the answer is what to push to. Raises Refused."""
    row = forge.desk.add_repository(checked_name(full_name), default_branch, private)
    forge.disk.create(row.full_name, row.default_branch)
    forge.tell_hook(row)
    return forge.repository(row.full_name)


def add_user(forge: LocalForge, login: str, level: str) -> Actor:
    """Adds somebody, or changes what they may do: `level` is read, write or admin, on every repository here. Raises Refused."""
    if level not in LEVELS:
        raise Refused(f"{level!r} is no level: use one of {', '.join(LEVELS)}")
    if not login.replace("-", "").isalnum() or login.lower() == forge.bot:
        raise Refused(f"{login!r} cannot be a login: letters, digits and hyphens are wanted, and not the bot's own name")
    person = forge.desk.put_person(login, LEVELS[level])
    for row in forge.desk.repositories():
        forge.tell_hook(row)
    return actor(person)


def list_pull_requests(forge: LocalForge, repository: str) -> tuple[PullRequest, ...]:
    """The open pull requests, newest first."""
    return forge.open_pull_requests(repository)


def open_pull_request(forge: LocalForge, repository: str, head: str, base: str, title: str, author: str) -> PullRequest:
    """A pull request of branch `head` into branch `base` of the same repository. Raises NotFound, Refused."""
    row, person = forge.row(repository), _person(forge, author)
    bare = forge.bare(repository)
    sha = _branch(bare, head)
    _branch(bare, base)
    if head == base:
        raise Refused(f"{head} cannot be merged into itself: name another base")
    if any((pull.head, pull.base) == (head, base) for pull in forge.desk.pulls(row.id)):
        raise Refused(f"there is an open pull request of {head} into {base} already")
    pull = forge.desk.open_pull(row.id, title, head, base, person)
    bare.set_ref(f"refs/pull/{pull.number}/head", sha)
    forge.tell_hook(row)
    return _tell_of(forge, row, pull, "opened")


def close_pull_request(forge: LocalForge, repository: str, number: int) -> PullRequest:
    """Closes it unmerged. Raises NotFound, Refused when it is not open."""
    row, pull = _open_pull(forge, repository, number)
    _closed(forge, row, pull, forge.bare(repository).sha_of(f"refs/heads/{pull.base}") or "")
    return _tell_of(forge, row, pull, "closed")


def merge_pull_request(forge: LocalForge, repository: str, number: int, by: str) -> PullRequest:
    """Merges the head into the base branch with a merge commit, and closes. Raises NotFound, Refused (a conflict), Temporary."""
    row, pull = _open_pull(forge, repository, number)
    person, bare = _person(forge, by), forge.bare(repository)
    if person.level < Level.WRITE:
        raise Refused(f"{person.login} may not merge in {row.full_name}: write access is needed")
    base, head = _branch(bare, pull.base), _sha(bare, f"refs/pull/{number}/head")
    merged = bare.merge(base, head, f"Merge pull request #{number} from {pull.head}\n\n{pull.title}", person.login)
    bare.set_ref(f"refs/heads/{pull.base}", merged, base)
    _closed(forge, row, pull, base, merged)
    pushed = payload.Push(forge.repository(repository), f"refs/heads/{pull.base}", base, merged, bare.commit(merged), actor(person))
    _post(forge, "push", pushed)
    return _tell_of(forge, row, pull, "closed")


def comment(forge: LocalForge, conversation: Conversation, author: str, text: str) -> Comment:
    """Somebody's comment on a pull request or a commit. Raises NotFound, Refused, Temporary."""
    if not text.strip():
        raise Refused("a comment needs a text")
    made = forge.add_comment(conversation, text, _person(forge, author))
    place = made.conversation
    told = payload.CommentEvent(forge.repository(place.repository), made.id, place.number, place.sha, made.body, made.author, made.created)
    _post(forge, "comment", told)
    return made


def _tell_of(forge: LocalForge, row: RepositoryRow, pull: PullRow, action: str) -> PullRequest:
    now = forge.pull_request(row.full_name, pull.number)
    head = forge.commit(row.full_name, now.head) if now.head else Commit("")
    told = payload.PullRequestEvent(
        repository=now.repository,
        number=now.number,
        action=action,
        title=now.title,
        head=head,
        head_ref=now.head_ref,
        base_ref=now.base_ref,
        base_sha=now.base,
        authors=(now.author,),
        merged=now.merged,
    )
    _post(forge, "pull_request", told)
    return now


def _post(forge: LocalForge, event: str, body: payload.Push | payload.PullRequestEvent | payload.CommentEvent) -> None:
    try:
        deliver(forge.endpoint.url, forge.endpoint.secret(), event, payload.write(body))
    except Undelivered as problem:
        found = "do it again" if event == "comment" else "the next comparison will find it"
        raise Temporary(f"done, but Gateline did not hear of it: {problem}; start it with `gateline up`, then {found}") from None


def _closed(forge: LocalForge, row: RepositoryRow, pull: PullRow, base_sha: str, merge_commit: str = "") -> None:
    if not forge.desk.close_pull(pull, base_sha, merge_commit):
        raise Refused(f"pull request {pull.number} was closed meanwhile")
    forge.tell_hook(row)


def _open_pull(forge: LocalForge, repository: str, number: int) -> tuple[RepositoryRow, PullRow]:
    row = forge.row(repository)
    pull = forge.desk.pull(row.id, number)
    if pull is None:
        raise NotFound(f"there is no pull request {number} in {row.full_name}")
    if not pull.open:
        raise Refused(f"pull request {number} is {'merged' if pull.merge_commit else 'closed'} already")
    return row, pull


def _person(forge: LocalForge, login: str) -> Person:
    person = forge.desk.person(login)
    if person is None:
        raise NotFound(f"nobody is called {login!r} here: add them with `gateline user add {login} write`")
    return person


def _branch(bare: BareRepository, branch: str) -> str:
    return _sha(bare, f"refs/heads/{branch}")


def _sha(bare: BareRepository, ref: str) -> str:
    sha = bare.sha_of(ref)
    if sha is None:
        raise NotFound(f"there is no {ref} in {bare.path.name}: push it first")
    return sha
