"""Logs in numbered chunks, and state files with their modes and folders."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

from app.errors import NotFound, Refused
from app.store import Chunk, Stale, Store
from app.workflow import facts as made
from app.workflow.line import RunRef, Status
from tests.store.making import ACCOUNT, react, run

BUILD = RunRef("build", 1)


def chunk(number: int, text: str = "2026-11-23T17:49:07.1Z ok\n") -> Chunk:
    return Chunk(number, 10.0 + number, "task: é", text)


def running(store: Store) -> int:
    """A run in hand with token `t1`; its id."""
    react(store, made.RunAdded(run()), made.RunStarted(BUILD, (), "w1", "t1", 99.0, 11.0))
    view = store.run(ACCOUNT, BUILD)
    assert view is not None
    return view.id


def test_chunks_are_read_in_order_and_from_where_one_stopped(store: Store) -> None:
    id = running(store)
    assert store.read_log(id) == ()
    store.append_log(ACCOUNT, BUILD, "t1", [chunk(1), chunk(2)])
    store.append_log(ACCOUNT, BUILD, "t1", [chunk(3)])
    store.append_log(ACCOUNT, BUILD, "t1", [])
    assert store.read_log(id) == (chunk(1), chunk(2), chunk(3))
    assert store.read_log(id, after=1, limit=1) == (chunk(2),)
    assert store.read_log(id, after=3) == store.read_log(id + 1) == ()


def test_chunks_that_come_again_count_once(store: Store) -> None:
    id = running(store)
    store.append_log(ACCOUNT, BUILD, "t1", [chunk(1), chunk(2)])
    store.append_log(ACCOUNT, BUILD, "t1", [chunk(2)])
    assert store.read_log(id) == (chunk(1), chunk(2))


def test_a_worker_that_lost_its_run_adds_nothing(store: Store) -> None:
    id = running(store)
    store.append_log(ACCOUNT, BUILD, "t1", [chunk(1)])
    with pytest.raises(Stale):
        store.append_log(ACCOUNT, BUILD, "t0", [chunk(2)])
    react(store, made.RunFinished(BUILD, Status.LOST, 12.0))
    with pytest.raises(Stale):
        store.append_log(ACCOUNT, BUILD, "t1", [chunk(1, "overwritten\n"), chunk(2)])
    assert store.read_log(id) == (chunk(1),)


class FilesThatTakeTooLong(DirFileSystem):  # type: ignore[misc]  # fsspec ships no types
    """While a chunk is being written, the run's lease runs out and it is declared lost."""

    cachable = False

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **kwargs: object) -> None:
        super().pipe_file(path, value, mode, **kwargs)
        self.meanwhile()


def test_a_chunk_written_while_the_run_was_lost_does_not_count(store: Store, tmp_path: Path) -> None:
    id = running(store)
    slow = FilesThatTakeTooLong(path=str(tmp_path / "slow"), fs=LocalFileSystem(auto_mkdir=True))
    slow.meanwhile = lambda: react(store, made.RunFinished(BUILD, Status.LOST, 12.0))
    store._files = slow
    with pytest.raises(Stale):
        store.append_log(ACCOUNT, BUILD, "t1", [chunk(1)])
    assert store.read_log(id) == ()


def tree(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Path -> (octal mode, content or target)."""
    found = {}
    for path in sorted(folder.rglob("*")):
        body = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"/"
        found[path.relative_to(folder).as_posix()] = (f"{path.lstat().st_mode & 0o777:o}", body)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder with sub-folders, modes, a link and odd names."""
    state = tmp_path / "state"
    (state / "sub" / "empty").mkdir(parents=True)
    (state / "plan.txt").write_text("x")
    (state / "sub" / "run.sh").write_text("#!/bin/sh\n")
    (state / "sub" / "run.sh").chmod(0o755)
    (state / "ключ \n x").write_bytes(b"\0\xff")
    (state / "ключ \n x").chmod(0o440)
    (state / "link").symlink_to("sub/run.sh")
    return state


def test_files_come_back_with_modes_and_folders(store: Store, folder: Path, tmp_path: Path) -> None:
    key = store.keep_files(ACCOUNT, folder)
    assert key is not None
    store.fetch_files(key, tmp_path / "new" / "place")
    assert tree(tmp_path / "new" / "place") == tree(folder)


def test_equal_content_has_an_equal_key_and_another_account_its_own(store: Store, folder: Path) -> None:
    key = store.keep_files(ACCOUNT, folder)
    os.utime(folder / "plan.txt", (1, 1))
    assert store.keep_files(ACCOUNT, folder) == key
    assert store.keep_files("github:other", folder) != key
    (folder / "plan.txt").chmod(0o600)
    assert store.keep_files(ACCOUNT, folder) != key


def test_an_empty_folder_or_none_has_no_key(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert store.keep_files(ACCOUNT, tmp_path / "empty") is store.keep_files(ACCOUNT, tmp_path / "missing") is None


def test_a_file_may_have_one_mebibyte_and_all_together_ten(store: Store, tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / "state").mkdir(exist_ok=True)
        (tmp_path / "state" / str(number)).write_bytes(bytes(1024 * 1024))
    assert store.keep_files(ACCOUNT, tmp_path / "state") is not None
    (tmp_path / "state" / "one more").write_bytes(b"x")
    with pytest.raises(Refused, match="10 MiB"):
        store.keep_files(ACCOUNT, tmp_path / "state")
    (tmp_path / "state" / "0").write_bytes(bytes(1024 * 1024 + 1))
    with pytest.raises(Refused, match="1024 KiB"):
        store.keep_files(ACCOUNT, tmp_path / "state")


def test_a_link_that_leads_outside_and_a_pipe_are_refused(store: Store, folder: Path) -> None:
    (folder / "out").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="out is a link"):
        store.keep_files(ACCOUNT, folder)
    (folder / "out").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(Refused, match="pipe is neither"):
        store.keep_files(ACCOUNT, folder)


@pytest.mark.parametrize("key", ["files/../../gateline.db", "logs/1/1", "", "files/0123456789abcdef/" + "0" * 64 + ".tar"])
def test_only_keys_that_were_given_out_are_fetched(store: Store, tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFound):
        store.fetch_files(key, tmp_path / "out")


def test_a_cache_is_one_a_repository_and_the_last_writer_wins(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "cache.tar"
    assert not store.fetch_cache(ACCOUNT, "github:7", file)
    store.keep_cache(ACCOUNT, "github:7", io.BytesIO(b"first"))
    store.keep_cache(ACCOUNT, "github:7", io.BytesIO(b"second"))
    assert store.fetch_cache(ACCOUNT, "github:7", file)
    assert file.read_bytes() == b"second"
    assert not store.fetch_cache(ACCOUNT, "github:8", file)
    assert not store.fetch_cache("github:other", "github:7", file)
