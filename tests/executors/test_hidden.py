"""Files of settings and secrets below a system folder are not shown to scripts (product.md section 8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.executors._sandbox import _places
from app.executors.local import LocalExecutor
from tests.contract.executors import Bench, task

pytestmark = pytest.mark.usefixtures("works_here")


def said(tmp_path: Path, *script: str, hidden: tuple[Path, ...]) -> list[str]:
    bench = Bench(LocalExecutor(tmp_path / "gl", hidden=hidden))
    bench.run(task(*script))
    return bench.log.said


def test_hidden_files_and_folders_show_nothing_and_their_neighbours_do(tmp_path):
    found = said(
        tmp_path,
        "cat /etc/passwd 2>/dev/null | wc -c",
        "ls -A /usr/share 2>/dev/null | wc -l",
        "test -s /etc/group && echo seen",
        hidden=(Path("/etc/passwd"), Path("/usr/share"), Path("/usr/is not there"), Path("/root/elsewhere")),
    )
    assert found == ["0", "0", "seen"]


def test_a_hidden_file_is_hidden_under_each_name_that_leads_to_it(tmp_path):
    (tmp_path / "link").symlink_to("/etc/os-release")
    found = said(tmp_path, "cat /etc/os-release /usr/lib/os-release 2>/dev/null | wc -c", hidden=(tmp_path / "link",))
    assert found == ["0"]


def test_what_is_shown_by_a_link_is_hidden_under_that_name(tmp_path):
    system = tmp_path / "system"
    system.mkdir()
    (system / "key").touch()
    (tmp_path / "etc").symlink_to(system)
    assert list(_places(system / "key", (str(tmp_path / "etc"), "/usr"))) == [str(tmp_path / "etc" / "key")]
