"""Workflow files of a git revision, read from the repository that somebody works in; the working tree is not touched."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.offline import Repository, repositories
from app.forges.local.git import BareRepository, GitFailed
from app.workflow.parse import MOST_BYTES, is_workflow_file


def files_of(place: str, folder: Path) -> Repository:
    """Of a folder or file of that name, else of the revision `place` of the repository around `folder`. Raises BadParameter for neither."""
    if Path(place).exists():
        (found,) = repositories([Path(place)])
        return found
    git = BareRepository(folder)
    try:
        root = Path(git.run("rev-parse", "--show-toplevel").decode().rstrip("\n"))
    except GitFailed:
        raise click.BadParameter(f"{place} is no folder or file here, and {folder.absolute()} is no git repository.") from None
    git = BareRepository(root)
    sha = git.sha_of(place)
    if sha is None:
        raise click.BadParameter(f"{place} is neither a folder or file here nor a revision of {root}: `git branch -a` lists branches.")
    found = Repository(root)
    for path in git.blobs(sha):
        if not is_workflow_file(path):
            found.pass_over(path)
        elif (content := git.read(sha, path, MOST_BYTES)) is not None:
            found.files[path] = content
    return found
