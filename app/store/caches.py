"""Caches of CI: one archive a repository of an account, replaced as a whole, by fsspec."""

from __future__ import annotations

import secrets
import shutil
from hashlib import sha256
from pathlib import Path
from typing import IO

from fsspec import AbstractFileSystem

from app.store.part import Part


class Caches(Part):
    _files: AbstractFileSystem

    def keep_cache(self, account: str, repository: str, content: IO[bytes]) -> None:
        """The last writer wins; nobody ever reads half a cache."""
        place = _place(account, repository)
        new = f"{place}.{secrets.token_hex(8)}"
        with self._files.open(new, "wb") as stream:
            shutil.copyfileobj(content, stream)
        self._files.mv(new, place)

    def fetch_cache(self, account: str, repository: str, file: Path) -> bool:
        """Lays the archive down as `file`; False when there is none."""
        place = _place(account, repository)
        if not self._files.exists(place):
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._files.open(place, "rb") as stream, file.open("wb") as target:
            shutil.copyfileobj(stream, target)
        return True


def _place(account: str, repository: str) -> str:
    return f"caches/{sha256(account.encode()).hexdigest()[:16]}/{sha256(repository.encode()).hexdigest()[:32]}.tar"
