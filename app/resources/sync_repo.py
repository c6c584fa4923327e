"""`syncRepo`: the branch that a source's workflow files are read from. It is there by itself (spec/workflow-language.md section 1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.resources.git_repo import GitRepo
from app.workflow.automatic import sync_name
from app.workflow.definition import Resource
from app.workflow.kinds import Fault


@dataclass(frozen=True, slots=True)
class SyncRepo(GitRepo):
    def check(self, resource: Resource) -> Iterable[Fault]:
        """A declaration only adds flags."""
        name = sync_name(resource.source)
        if name and resource.name != name:
            sentence = (
                f"The syncRepo of this source is called `{name}` and is there by itself; declare it under that name to give it flags."
            )
            yield Fault("name", sentence)
        if resource.content:
            yield Fault("type", "A syncRepo is what its source was added with: only `flags` may be declared.")


plugin = SyncRepo(
    name="syncRepo",
    code=1014,
    help="The branch that a source's workflow files are read from; `<repository>_<branch>` is there by itself; declared for `flags`.",
    replicates_as="repository",
)
