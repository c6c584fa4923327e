"""The CI keys of the commit that a run builds, read from its forge (spec/ci-integrations-deploy.md sections 1.1 and 1.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.context import Context
from app.errands._materials import require_reachable
from app.fetch import pinned
from app.store import RunView
from app.workflow.ci.configuration import FILES
from app.workflow.ci.read import ReadCi, read_ci_of
from app.workflow.definition import JsonMap
from app.workflow.files import TEMPLATES
from app.workflow.plan import Held, Unplannable
from app.workflow.reading import MOST_BYTES
from app.workflow.variables import text_of


@dataclass(frozen=True, slots=True)
class CiFiles:
    """`texts`: path -> text, the templates file's among them, and URL -> text of what it imports, as adopted, before it; none when the
    commit has no CI file. `at` is where they were read."""

    texts: Mapping[str, str]
    at: str

    def read(self) -> ReadCi:
        return read_ci_of({path: text.encode() for path, text in self.texts.items()})


def ci_files(context: Context, view: RunView, built: Held) -> CiFiles:
    """The files at the commit of `built`; of a pull request those of its base, which no stranger has written. Raises Unplannable."""
    bag = built.version.bag if built.version else {}
    repository = text_of(bag.get("repository"))
    if not repository:
        raise Unplannable(f"{built.name} has no commit yet: push to its repository, or ask for a version of it.")
    require_reachable(context, view.account, built.name, repository)
    forge = context.forges[repository.partition(":")[0]].api
    at = _commit(bag)
    found = {path: forge.read(repository, at, path, MOST_BYTES) for path in (*FILES, *TEMPLATES)}
    texts = {path: content.decode(errors="replace") for path, content in found.items() if content is not None}
    return CiFiles(pinned(context, view.account, repository) | texts, at)


def _commit(bag: JsonMap) -> str:
    of_request = bag.get("pullRequest") is not None
    return text_of(bag.get("baseSha") if of_request and bag.get("baseSha") else bag.get("sha"))


def branch_of(bag: JsonMap) -> str:
    """What `branches` of the file is compared with: the tag, or the branch (of a pull request its base)."""
    return text_of(bag.get("tagName")) or text_of(bag.get("branchName"))
