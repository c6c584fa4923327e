"""What tests of executors need of the machine."""

from __future__ import annotations

import pytest

from app.executors._sandbox import Room, Sandbox, find_bwrap, probe


@pytest.fixture(scope="session")
def works_here(tmp_path_factory):
    """Skips where bubblewrap cannot work: a kernel or container without user namespaces."""
    root = tmp_path_factory.mktemp("probe")
    room = Room(root / "build", root / "tmp", root / "control")
    for folder in (room.build, room.tmp, room.control):
        folder.mkdir()
    if complaint := probe(Sandbox(find_bwrap(), (root,)), room, root):
        pytest.skip(complaint)
