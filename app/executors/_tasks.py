"""Runs the tasks of a plan one after the other, each in a bash of its own under a reaper (spec/workflow-language.md section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.executors import Log
from app.executors._fill import Filler, base_environment
from app.executors._logins import Logins
from app.executors._sandbox import Confinement, Room
from app.executors._supervise import Command, Ended, Supervisor
from app.executors._watch import Watch
from app.workflow.line import Status
from app.workflow.plan import Plan, PlannedTask, Result

SENTRY = 'trap : TERM; exec 2>/dev/null; "$@"; code=$?; printf "\\036%s:exit:%s\\n" "$0" "$code"; exit "$code"'
"""A shell around the task's shell: its word tells an end of the task's shell from an end of the sandbox around both."""


@dataclass
class Told:
    """What the shells of one task have told about themselves. `verdict`: "" for nothing, `passed` or `failed`, with its `code`."""

    verdict: str = ""
    code: int = 0
    exit: int | None = None


@dataclass
class Telltale:
    """Takes the lines that begin with U+001E and the nonce out of a task's output, and obeys them; the rest goes to `log`."""

    nonce: str
    log: Log
    told: Told = field(default_factory=Told)
    _held: bytes = b""

    def write(self, output: bytes) -> None:
        start = f"\x1e{self.nonce}:".encode()
        text = self._held + output
        while (at := text.find(start)) >= 0 and (end := text.find(b"\n", at)) >= 0:
            self._pass_on(text[:at])
            self._obey(text[at + len(start) : end].decode(errors="replace"))
            text = text[end + 1 :]
        at = text.rfind(b"\x1e")
        keep = at >= 0 and (start.startswith(text[at:]) or text.startswith(start, at))
        self._held = text[at:] if keep else b""
        self._pass_on(text[:at] if keep else text)
        if not output:
            self.log.write(b"")

    def close(self) -> None:
        self._pass_on(self._held)
        self._held = b""

    def _pass_on(self, text: bytes) -> None:
        if text:
            self.log.write(text)

    def _obey(self, word: str) -> None:
        kind, _, rest = word.partition(":")
        if kind == "section":
            self.log.section(rest)
        elif kind == "exit" and rest.isdigit():
            self.told.exit = int(rest)
        elif kind in ("passed", "failed") and not self.told.verdict:
            self.told.verdict, self.told.code = kind, int(rest) if rest.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Tasks:
    """What all tasks of a run share."""

    room: Room
    confinement: Confinement
    supervisor: Supervisor
    filler: Filler
    log: Log
    watch: Watch
    nonce: str

    def run(self, plan: Plan) -> Result:
        """SUCCEEDED, FAILED or LOST, without outputs. Raises Stopped, and SetupFailed when a shell cannot be started."""
        seen = self.confinement.seen(self.room)
        env = {**base_environment(seen), **self.filler.environment(plan.env)}
        logins = Logins(plan.logins, self.room, self.confinement, self.supervisor, self.filler, self.log, self.watch)
        for index, task in enumerate((*plan.tasks, *plan.afterwards)):
            folder = Path("tasks", str(index))
            self._write_scripts(plan, task, self.room.control / folder, index + 1 - len(plan.tasks))
            logins.log_in(env)
            self.log.section(task.name)
            result = self._run(task, folder, {**env, **self.filler.environment(task.env)})
            logins.log_out()
            if result.status is not Status.SUCCEEDED:
                return result
        return Result(Status.SUCCEEDED, code=0)

    def _run(self, task: PlannedTask, folder: Path, env: Mapping[str, str]) -> Result:
        seen = self.confinement.seen(self.room).control
        shell = ("/bin/bash", "--noprofile", "--norc", str(seen / "shell.sh"), self.nonce, str(seen / folder))
        argv = self.confinement.wrap(self.room, ("/bin/sh", "-c", SENTRY, self.nonce, *shell))
        telltale = Telltale(self.nonce, self.log)
        ended = self.supervisor.run(
            Command(argv, env, self.room.build), self.watch, telltale.write, (self.room.control / folder / "stopped").touch
        )
        telltale.close()
        return _judge(task, ended, telltale.told)

    def _write_scripts(self, plan: Plan, task: PlannedTask, folder: Path, behind: int) -> None:
        """`behind`: how far the task comes after the last one that has hooks; before that it is negative."""
        scripts = {"task": task.script}
        if behind <= 0:
            scripts |= {"on_failure": plan.on_failure, "always": plan.always}
        if behind == 0:
            scripts["on_success"] = plan.on_success
        for name, lines in scripts.items():
            if lines or name == "task":
                (folder / name).mkdir(parents=True)
            for number, line in enumerate(lines):
                (folder / name / str(number)).write_text(line, encoding="utf-8", newline="")
        for number, name in task.sections:
            (folder / "task" / f"{number}.section").write_text(name, encoding="utf-8", newline="")
        if behind == 0:
            (folder / "last").touch()


def _judge(task: PlannedTask, ended: Ended, told: Told) -> Result:
    if ended.lost:
        return Result(Status.LOST, ended.lost)
    if told.exit is None:
        return Result(Status.LOST, f"The sandbox of {task.name} was killed, and everything in it.")
    if told.verdict == "failed":
        return Result(Status.FAILED, f"{task.name} failed with exit code {told.code}.", told.code)
    if told.verdict != "passed":
        code = told.exit or 1
        how = "was replaced, or its EXIT trap reset, before the task's end" if not told.exit else f"ended with exit code {code}"
        return Result(Status.FAILED, f"The shell of {task.name} {how}.", code)
    if told.exit:
        return Result(Status.FAILED, f"{task.name} passed, but its on_success or always ended with exit code {told.exit}.", told.exit)
    return Result(Status.SUCCEEDED, code=0)
