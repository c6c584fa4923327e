"""What hooks say of places: repositories that change, and installations of the App (spec/forges.md A2)."""

from __future__ import annotations

from app.forges import InstallationChanged, Nothing, Parsed, RepositoryChanged
from app.forges.github._json import Node
from app.forges.github._shapes import NAME, repository
from app.workflow.events import Repository

REPOSITORY_ACTIONS = frozenset({"renamed", "transferred", "archived", "unarchived", "deleted", "privatized", "publicized"})
INSTALLATION_ACTIONS = frozenset({"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"})


def repository_changed(payload: Node, _at: float) -> Parsed:
    """What a repository is called, who sees it, and its default branch."""
    action = payload.text("action")
    if action == "edited":
        changes = payload.maybe("changes")
        if changes is None or not changes.has("default_branch"):
            return Nothing("only the description or topics of the repository were edited")
    elif action not in REPOSITORY_ACTIONS:
        return Nothing(f"repository {action} changes nothing that is known")
    return RepositoryChanged(repository(payload.node("repository")), action)


def installation(payload: Node, _at: float) -> Parsed:
    """The App came, went, was suspended or got its permissions."""
    action = payload.text("action")
    if action not in INSTALLATION_ACTIONS:
        return Nothing(f"installation {action} is not known")
    told = _repositories(payload, "repositories")
    return _changed(payload, action, told if action == "created" else (), told if action == "deleted" else ())


def installation_repositories(payload: Node, _at: float) -> Parsed:
    """The App may see more repositories, or fewer."""
    added, removed = _repositories(payload, "repositories_added"), _repositories(payload, "repositories_removed")
    return _changed(payload, payload.text("action"), added, removed)


def installation_target(payload: Node, _at: float) -> Parsed:
    """The account that the App is installed on has another name."""
    account = payload.node("account")
    if not (account.has("login") or account.has("slug")):
        return Nothing("the account that was renamed is not named")
    return InstallationChanged(payload.text("action"), payload.node("installation").number("id"), _account(account))


def _changed(payload: Node, action: str, added: tuple[Repository, ...], removed: tuple[Repository, ...]) -> InstallationChanged:
    found = payload.node("installation")
    return InstallationChanged(action, found.number("id"), _account(found.node("account")), added, removed)


def _account(found: Node) -> str:
    """The key of an account, `github:acme`. An enterprise has a slug and no login."""
    return f"{NAME}:{(found.text('login', '') or found.text('slug')).lower()}"


def _repositories(payload: Node, key: str) -> tuple[Repository, ...]:
    return tuple(repository(found) for found in payload.nodes(key))
