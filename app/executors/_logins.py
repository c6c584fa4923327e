"""Logs command-line tools in before each task, and wipes what they keep after it (spec/workflow-language.md section 3.2).

A tool that is not on this machine is an error where only it can log in, and a note where files were enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.executors import Log
from app.executors._fill import Filler
from app.executors._lines import LastLines
from app.executors._sandbox import Confinement, Room
from app.executors._supervise import Command, Supervisor
from app.executors._watch import SetupFailed, Watch
from app.executors._workspace import wipe, write_file
from app.workflow.plan import Login

MISSING = 127
"""The exit code of a tool that is not there."""
LOOK = 'for tool in "$@"; do command -v "$tool" >/dev/null || { echo "$tool is not on this worker"; exit 127; }; done\n'


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of one run."""

    planned: tuple[Login, ...]
    room: Room
    confinement: Confinement
    supervisor: Supervisor
    filler: Filler
    log: Log
    watch: Watch

    def log_in(self, env: Mapping[str, str]) -> None:
        """Raises SetupFailed with a sentence, and Stopped."""
        if self.planned:
            self.log.section("Log in")
        for login in self.planned:
            for file in login.files:
                write_file(self.room.build, file.path, self.filler.text(file.content), file.mode)
            self._run(login, {**env, **self.filler.environment(login.env)})

    def log_out(self) -> None:
        for login in self.planned:
            for trace in login.traces:
                path = self.room.build / trace
                if path.is_symlink() or path.is_file():
                    path.unlink()
                else:
                    wipe(path)

    def _run(self, login: Login, env: Mapping[str, str]) -> None:
        lines = LastLines(self.log, login.tools[0])
        shell = ("/bin/bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", LOOK + login.script, "login", *login.tools)
        ended = self.supervisor.run(Command(self.confinement.wrap(self.room, shell), env, self.room.build), self.watch, lines.write)
        if ended.code == MISSING and not login.script:
            self.log.write(f"{login.name} is there for whatever reads {', '.join(file.path for file in login.files)}.\n".encode())
        elif ended.code or ended.lost:
            remedy = ": install it there, or give the job a pool whose workers have it." if ended.code == MISSING else "."
            raise SetupFailed(f"{login.name} cannot be logged in: {(ended.lost or lines.last()).rstrip('.')}{remedy}")
