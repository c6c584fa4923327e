"""Bare repositories on disk, under `<data>/repositories/<owner>/<name>.git`, each with its post-receive hook.

What the hook must know (it has no database) stands in the repository's `gateline-hook.json`: `url` and `secret_file` to post to,
`repository` and `people` (login in lower case -> id) to tell of, and `pulls`, the open pull requests.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from app.errors import Refused
from app.forges.local import post_receive
from app.forges.local.git import BareRepository, run_git
from app.workflow.events import Repository

FULL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")

_CONFIGURATION = {
    "receive.hideRefs": "refs/pull",
    "uploadpack.allowAnySHA1InWant": "true",
    "core.hooksPath": "hooks",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the webhooks of this installation go: the URL, and the file (mode 0600) with the secret that signs them."""

    url: str
    secret_file: Path

    def secret(self) -> bytes:
        return self.secret_file.read_bytes().strip()

    def told(self) -> Mapping[str, str]:
        return {"url": self.url, "secret_file": str(self.secret_file)}


def checked_name(full_name: str) -> str:
    """`full_name`, if it can be a repository here. Raises Refused."""
    if not FULL_NAME.fullmatch(full_name) or full_name.endswith(".git") or ".." in full_name:
        raise Refused(f"{full_name!r} cannot be a repository's name: OWNER/NAME of letters, digits, '.', '_' and '-' is wanted")
    return full_name


@dataclass(frozen=True, slots=True)
class Disk:
    """The folder that holds all of them."""

    folder: Path

    def repository(self, full_name: str) -> BareRepository:
        return BareRepository(self.folder / f"{full_name}.git")

    def create(self, full_name: str, default_branch: str) -> BareRepository:
        """An empty bare repository with its hook. Doing it again repairs the hook and changes nothing else."""
        bare = self.repository(checked_name(full_name))
        bare.path.parent.mkdir(parents=True, exist_ok=True)
        run_git("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}", "--", str(bare.path))
        for key, value in _CONFIGURATION.items():
            bare.run("config", key, value)
        self.install_hook(full_name)
        return bare

    def install_hook(self, full_name: str) -> None:
        """Writes the post-receive hook anew, for the Python and the place that Gateline runs from now."""
        folder = self.repository(full_name).path / "hooks"
        folder.mkdir(exist_ok=True)
        command = shlex.join([sys.executable, "-I", str(Path(post_receive.__file__).absolute())])
        _replace(folder / "post-receive", f"#!/bin/sh\nexec {command}\n", 0o755)

    def tell_hook(
        self, endpoint: Endpoint, repository: Repository, people: Mapping[str, str], pulls: Iterable[Mapping[str, object]]
    ) -> None:
        """Writes what the hook must know (see the module)."""
        told = {**endpoint.told(), "repository": asdict(repository), "people": people, "pulls": list(pulls)}
        place = self.repository(repository.full_name).path / post_receive.CONFIGURATION
        _replace(place, json.dumps(told, indent=1, sort_keys=True), 0o644)


def secret_at(path: Path) -> Path:
    """`path`, a file with a secret that is made when there is none; of two makers at once the first wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        _write(made, secrets.token_hex(32), 0o600)
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path


def _replace(path: Path, text: str, mode: int) -> None:
    """Writes a file whole: a reader sees the old text or the new one."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write(made, text, mode)
    made.replace(path)


def _write(path: Path, text: str, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
