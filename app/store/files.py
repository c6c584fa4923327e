"""Logs and state files: numbered chunks and archives under the data folder, by fsspec."""

from __future__ import annotations

import io
import re
import stat
import tarfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.dirfs import DirFileSystem
from sqlalchemy import select, update

from app.errors import NotFound, Refused
from app.store.around import logs
from app.store.codec import adapter
from app.store.part import Part
from app.store.runs import require_in_hand
from app.store.values import Chunk
from app.workflow.line import RunRef

MOST_FILE = 1024 * 1024
"""Bytes of one state file."""
MOST_TOTAL = 10 * 1024 * 1024
"""Bytes of all files of one state."""

_KEY = re.compile(r"files/[0-9a-f]{16}/[0-9a-f]{64}\.tar")


def open_files(place: str) -> AbstractFileSystem:
    """The file system under `place`: a folder, or a URL of anything that fsspec reaches."""
    system, path = url_to_fs(place, **({} if "://" in place else {"auto_mkdir": True}))
    return DirFileSystem(path=path, fs=system)


class Files(Part):
    _files: AbstractFileSystem

    def append_log(self, account: str, run: RunRef, token: str, chunks: Sequence[Chunk]) -> None:
        """Keeps chunks, which are masked already; those that are kept already are passed over. Raises Stale.

        Chunks are written before they count, and count only if the run is still the caller's: no transaction is open meanwhile.
        """
        with self.database.read() as transaction:
            id = require_in_hand(transaction, account, run, token)
        for chunk in chunks:
            self._files.pipe_file(_chunk_path(id, chunk.number), adapter(Chunk).dump_json(chunk))
        last = max((chunk.number for chunk in chunks), default=0)
        with self.database.write() as transaction:
            require_in_hand(transaction, account, run, token)
            transaction.add_missing(logs, [{"run": id, "last": 0}])
            transaction.run(update(logs).where(logs.c.run == id, logs.c.last < last).values(last=last))

    def read_log(self, run_id: int, after: int = 0, limit: int = 200) -> tuple[Chunk, ...]:
        """Chunks `after` + 1 and on, at most `limit`."""
        with self.database.read() as transaction:
            row = transaction.row(select(logs.c.last).where(logs.c.run == run_id))
        numbers = range(after + 1, min(row.last if row else 0, after + limit) + 1)
        return tuple(adapter(Chunk).validate_json(self._files.cat_file(_chunk_path(run_id, number))) for number in numbers)

    def keep_files(self, account: str, folder: Path) -> str | None:
        """Stores a folder's files with modes and sub-folders; returns the key, None for an empty folder. Equal content has an equal key.

        Raises Refused over the limits (1 MiB a file, 10 MiB together), and for what is neither file, folder nor a link inside it.
        """
        archive = _packed(folder)
        if archive is None:
            return None
        key = _key(account, archive)
        if not self._files.exists(key):
            self._files.pipe_file(f"{key}.new", archive)
            self._files.mv(f"{key}.new", key)
        return key

    def key_of_files(self, account: str, folder: Path) -> str | None:
        """The key that `keep_files` would give, without storing anything."""
        archive = _packed(folder)
        return _key(account, archive) if archive is not None else None

    def fetch_files(self, key: str, folder: Path) -> None:
        """Lays stored files down in `folder`, which is made. Raises NotFound."""
        with self._archive(key) as archive:
            folder.mkdir(parents=True, exist_ok=True)
            archive.extractall(folder, filter=_inside)  # noqa: S202 - the filter refuses what would land outside

    def file_names(self, key: str) -> tuple[str, ...]:
        """The paths of stored files, folders left out. Raises NotFound."""
        with self._archive(key) as archive:
            return tuple(member.name for member in archive if not member.isdir())

    def _archive(self, key: str) -> tarfile.TarFile:
        if not _KEY.fullmatch(key) or not self._files.exists(key):
            raise NotFound(f"There are no stored files {key}; they may have been dropped by age.")
        return tarfile.open(fileobj=io.BytesIO(self._files.cat_file(key)))


def _chunk_path(run_id: int, number: int) -> str:
    return f"logs/{run_id}/{number}"


def _key(account: str, archive: bytes) -> str:
    return f"files/{sha256(account.encode()).hexdigest()[:16]}/{sha256(archive).hexdigest()}.tar"


def _packed(folder: Path) -> bytes | None:
    """The folder as a tar that depends on nothing but names, modes and content."""
    total, content = 0, io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _walk(folder):
            member, body = _member(folder, path)
            total += member.size
            if total > MOST_TOTAL:
                raise Refused(f"The state in {folder.name} is larger than {MOST_TOTAL // 1024 // 1024} MiB together.")
            archive.addfile(member, io.BytesIO(body))
        empty = archive.offset == 0
    return None if empty else content.getvalue()


def _walk(folder: Path) -> Iterator[Path]:
    """Everything below `folder`, folders before what is in them; links are not followed."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)


def _member(folder: Path, path: Path) -> tuple[tarfile.TarInfo, bytes]:
    name = path.relative_to(folder).as_posix()
    about = path.lstat()
    member = tarfile.TarInfo(name)
    member.mode = stat.S_IMODE(about.st_mode) & 0o777
    if stat.S_ISDIR(about.st_mode):
        member.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(about.st_mode):
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Refused(f"The state file {name} is a link to something outside its folder.")
        member.type, member.linkname = tarfile.SYMTYPE, path.readlink().as_posix()
    elif not stat.S_ISREG(about.st_mode):
        raise Refused(f"The state file {name} is neither a file nor a folder.")
    else:
        return _with_body(member, path, about.st_size)
    return member, b""


def _with_body(member: tarfile.TarInfo, path: Path, size: int) -> tuple[tarfile.TarInfo, bytes]:
    if size > MOST_FILE:
        raise Refused(f"The state file {member.name} is larger than {MOST_FILE // 1024} KiB.")
    try:
        body = path.read_bytes()
    except PermissionError:
        raise Refused(f"The state file {member.name} cannot be read: mode {member.mode:o}.") from None
    member.size = len(body)
    return member, body


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Refuses what would land outside (the standard library's rules), and keeps the mode as it was."""
    return tarfile.data_filter(member, folder).replace(mode=member.mode, mtime=None, deep=False)  # type: ignore[arg-type]
