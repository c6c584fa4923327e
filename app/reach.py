"""Which repositories an account reaches: what its workflow files may clone, and where it may speak.

The service's own credentials see the repositories of all accounts, so a name in a workflow file is no right to them.
"""

from __future__ import annotations

from app.context import Context
from app.workflow.events import Repository


def owns(context: Context, account: str, repository: Repository) -> bool:
    """Whether a repository is the account's own, or is listed in the account's settings by the administrator."""
    name = repository.full_name.lower()
    forge, _, owner = account.lower().partition(":")
    listed = {each.lower() for each in context.settings.of(account).repositories}
    return repository.id.partition(":")[0] == forge and (name.partition("/")[0] == owner or name in listed)


def may_clone(context: Context, account: str, repository: Repository) -> bool:
    """Public ones may be read by everybody; nothing is written to those of others."""
    return owns(context, account, repository) or not repository.private


def not_reached(repository: Repository, account: str) -> str:
    """The sentence that says why `may_clone` is false, and what to do."""
    return (
        f"{repository.full_name} is private and does not belong to {account}: an administrator may list it as `repositories` under "
        f'[account."{account}"] in gateline.toml'
    )
