"""`ciRepo`: a repository's commits as CI builds them. It is there by itself (spec/workflow-language.md sections 1.3 and 2.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.resources.git_repo import GitRepo
from app.workflow.definition import Resource
from app.workflow.kinds import Fault


@dataclass(frozen=True, slots=True)
class CiRepo(GitRepo):
    def check(self, resource: Resource) -> Iterable[Fault]:  # noqa: ARG002 - whatever it says
        yield Fault("type", "A ciRepo is there by itself, as `<repository>_ciRepo` of each source; name it in steps and remove this.")


plugin = CiRepo(
    name="ciRepo",
    code=1020,
    help="A repository's commits and pull requests as CI builds them; `<repository>_ciRepo` is there by itself and cannot be declared.",
    out=False,
    replicates_as="repository",
)
