"""What a hostile script finds in the sandbox: its workspace, and nothing of the service (product.md section 8)."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from app.executors._sandbox import Plain, Room, Sandbox, find_bwrap, probe, probe_metadata
from app.executors.local import LocalExecutor
from tests.contract.executors import Bench, task

CANARY = "canary-5f1d9c"


@pytest.fixture
def room(tmp_path):
    room = Room(*(tmp_path / name for name in ("build", "tmp", "control")))
    for folder in (room.build, room.tmp, room.control):
        folder.mkdir()
    return room


@pytest.fixture
def sandbox(tmp_path, room, works_here):
    return Sandbox(find_bwrap(), (tmp_path,))


@pytest.fixture
def bench(tmp_path, sandbox):
    return Bench(LocalExecutor(tmp_path / "gl"))


def test_a_hostile_script_finds_no_canary(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("GATELINE_SECRET_KEY", CANARY)
    data = tmp_path / "gl"
    data.mkdir(exist_ok=True)
    for place in ("gateline.db", "secret.key", "mirrors-canary", "gateline.toml"):
        (data / place).write_text(CANARY)
    valkey = socket.socket(socket.AF_UNIX)
    valkey.bind(str(data / "valkey.sock"))
    valkey.listen()
    bench.run(
        task(
            f"ls -a {data} {tmp_path} 2>&1 | grep -v 'No such' || echo none",
            "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c [c]anary || echo clean",
            "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c [c]anary || echo clean",
            f"timeout 20 grep -rsl [c]{CANARY[1:]} /etc /build /tmp /run /var /root /home /dev/shm || echo nowhere",
            "ls /proc | grep -c '^[0-9]'",
            f"test -S {data}/valkey.sock && echo socket || echo no socket",
        )
    )
    valkey.close()
    assert bench.log.said[:6] == ["none", "0", "clean", "0", "clean", "nowhere"]
    assert int(bench.log.said[6]) < 12
    assert bench.log.said[7:] == ["no socket"]


def test_a_script_has_no_capabilities_and_cannot_write_outside(bench):
    bench.run(
        task(
            "grep -h ^Cap /proc/self/status | sort -u -k2",
            "for place in / /usr /etc /run/gateline /proc/sys/kernel; do touch $place/x 2>/dev/null && echo wrote $place; done; true",
            "mount -t tmpfs none /tmp 2>/dev/null && echo mounted; true",
            "touch /build/x /tmp/x /var/x && echo wrote own",
        )
    )
    assert bench.log.said == ["CapInh:\t0000000000000000", "wrote own"]


def test_a_script_is_alone_in_its_tmp_and_shares_it_with_the_next_task(bench):
    bench.run(task("ls -A /tmp; echo x >/tmp/f"), task("cat /tmp/f"))
    assert bench.log.said == ["x"]


def test_the_network_is_kept(bench):
    server = socket.create_server(("127.0.0.1", 0))
    bench.run(task(f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]} && echo connected"))
    server.close()
    assert bench.log.said == ["connected"]


def test_a_hidden_folder_below_a_system_folder_is_empty(room, sandbox, tmp_path):
    hiding = Sandbox(find_bwrap(), (Path("/usr/share"),))
    done = subprocess.run(hiding.wrap(room, ("/bin/ls", "/usr/share")), capture_output=True, text=True, check=True, env={})
    assert done.stdout == ""


def test_switched_off_it_says_so(tmp_path):
    executor = LocalExecutor(tmp_path, "off")
    assert "GATELINE_SANDBOX=off" in executor.isolated()


def test_a_bubblewrap_that_does_not_work_is_no_sandbox(room, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n")
    broken.chmod(0o755)
    assert "No permissions to create new namespace" in probe(Sandbox(str(broken), ()), room, tmp_path)
    assert probe(Sandbox(str(tmp_path / "none"), ()), room, tmp_path)


def test_a_wall_with_a_hole_is_no_sandbox(room, tmp_path):
    """The probe must fail where the data folder can be seen."""
    assert "scripts would see all" in probe(Plain(), room, tmp_path)


def test_a_metadata_address_that_nobody_has_is_isolation(sandbox, room):
    assert probe_metadata(sandbox, room) == ""
