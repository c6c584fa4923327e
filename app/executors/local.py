"""Runs plans on this machine: in a bubblewrap sandbox where it works, otherwise as plain processes; always under a reaper.

The one difference in rights: in the sandbox a script has no capabilities and cannot gain any (no `sudo`, no setuid programs, no
mounts; root is root over its own files only) and system folders are read-only, while without it a script has all the rights of the
service's user.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from app.errors import Refused
from app.executors import Log, Materials
from app.executors._cache import restore, save
from app.executors._collect import CollectFailed, Collector
from app.executors._fill import Filler
from app.executors._git import RETRIES, Git
from app.executors._mask import Masker
from app.executors._reports import collect_reports
from app.executors._sandbox import Confinement, Plain, Room, Sandbox, find_bwrap, probe, probe_metadata
from app.executors._supervise import Pulse, Supervisor
from app.executors._tasks import Tasks
from app.executors._watch import SetupFailed, Stopped, Watch
from app.executors._workspace import sweep, workspace
from app.workflow.ci.reports import Report
from app.workflow.definition import JsonMap
from app.workflow.events import Left
from app.workflow.line import Status
from app.workflow.plan import Plan, Result


class LocalExecutor:
    """An `Executor`. `data` holds mirrors and workspaces; `hidden` are further files and folders that no script may see (settings).

    `pulse` times the reaper, `retries` are the seconds between tries to fetch a commit, `clock` is monotonic (seconds), `nonce` makes
    unguessable names.
    """

    name: ClassVar[str] = "local"

    def __init__(
        self,
        data: Path,
        sandbox: Literal["auto", "off"] = "auto",
        hidden: tuple[Path, ...] = (),
        pulse: Pulse | None = None,
        retries: tuple[float, ...] = RETRIES,
        clock: Callable[[], float] = time.monotonic,
        nonce: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._data = data.absolute()
        self._sandbox = sandbox
        self.hidden = hidden
        self._supervisor = Supervisor(pulse or Pulse())
        self._retries = retries
        self._clock = clock
        self._nonce = nonce

    def run(self, plan: Plan, materials: Materials, log: Log, should_stop: Callable[[], str]) -> Result:
        watch = Watch(should_stop, plan.timeout, self._clock)
        with workspace(self._data / "work", f"{plan.job}-{plan.number}", self._nonce()) as room:
            run = _Run(plan, materials, log, watch, room, self._confinement[0], self._supervisor, Masker(materials.mask))
            try:
                result = run.carry_out(Git(self._data / "mirrors", self._supervisor, watch, log, self._retries), self._nonce())
            except Stopped as stopped:
                result = Result(stopped.status, stopped.reason)
            except SetupFailed as problem:
                result = Result(Status.ERRORED, run.masker.text(str(problem)))
            if result.reason:
                log.write(f"{result.reason}\n".encode())
            return result

    def sweep(self) -> None:
        sweep(self._data / "work")

    def isolated(self) -> str:
        return self._complaint

    @cached_property
    def _complaint(self) -> str:
        confinement, complaint = self._confinement
        if complaint:
            return complaint
        with workspace(self._data / "work", "probe", self._nonce()) as room:
            return probe_metadata(confinement, room)

    @cached_property
    def _confinement(self) -> tuple[Confinement, str]:
        """How scripts are confined here, and why no better ("" for well): found out once, by trying."""
        if self._sandbox == "off":
            return Plain(), "The sandbox is switched off (GATELINE_SANDBOX=off), so scripts see all of this machine."
        bwrap = find_bwrap()
        if not bwrap:
            return Plain(), "There is no bubblewrap (bwrap) on this machine, so scripts see all of it: install bubblewrap."
        sandbox = Sandbox(bwrap, (self._data, *self.hidden))
        with workspace(self._data / "work", "probe", self._nonce()) as room:
            complaint = probe(sandbox, room, self._data)
        return (Plain() if complaint else sandbox), complaint


@dataclass(frozen=True, slots=True)
class _Run:
    """One execution, from its empty workspace to what it left."""

    plan: Plan
    materials: Materials
    log: Log
    watch: Watch
    room: Room
    confinement: Confinement
    supervisor: Supervisor
    masker: Masker

    def carry_out(self, git: Git, nonce: str) -> Result:
        """Raises Stopped and SetupFailed."""
        self.log.section("Setup")
        self.watch.check()
        filler = Filler(self.materials, str(self.confinement.seen(self.room).build))
        filler.lay_down(self.plan, self.room)
        self._check_out(git)
        if self.plan.cache:
            restore(self.plan.cache, self.room.build, self.materials)
        result = Tasks(self.room, self.confinement, self.supervisor, filler, self.log, self.watch, nonce).run(self.plan)
        if self.plan.cache and result.status is Status.SUCCEEDED:
            save(self.plan.cache, self.room.build, self.materials, self._note)
        return self._collect(result) if result.status in (Status.SUCCEEDED, Status.FAILED) else result

    def _check_out(self, git: Git) -> None:
        for checkout in self.plan.checkouts:
            source = self.materials.clones.get(checkout.repository)
            if source is None:
                raise SetupFailed(f"{checkout.full_name} cannot be cloned: its forge did not say how.")
            git.check_out(checkout, source, self.room, self.confinement)

    def _collect(self, result: Result) -> Result:
        """Adds what was left. A failed run keeps its keys, but takes its previous state's files again (section 5)."""
        written = {file.path: file.content for file in self.plan.files if isinstance(file.content, str)}
        with tempfile.TemporaryDirectory(dir=self.room.control.parent) as staging:
            collector = Collector(self.room.build, Path(staging), self.materials.keep, self.masker, frozenset(written))
            own, outputs = Left(), {}
            try:
                for collect in self.plan.collects:
                    left = collector.left(collect, _version(written.get(collect.bag, "")))
                    if collect.name:
                        outputs[collect.name] = left
                    else:
                        own = left
            except (CollectFailed, Refused) as problem:
                result = Result(Status.FAILED, self.masker.text(str(problem)), result.code or 1)
            for note in collector.notes:
                self.log.write(f"{note}\n".encode())
        if result.status is Status.FAILED:
            own = replace(own, files=self.plan.previous_files)
        return Result(result.status, result.reason, result.code, own, outputs, self._report())

    def _report(self) -> Report | None:
        wanted = self.plan.reports
        return collect_reports(self.room.build, wanted, self.masker.text, self._note) if wanted else None

    def _note(self, sentence: str) -> None:
        self.log.write(f"{self.masker.text(sentence)}\n".encode())


def _version(text: str) -> JsonMap:
    """The `version` of a planned version.json, {} when there is none."""
    found: Mapping[str, JsonMap] = json.loads(text) if text else {}
    return found.get("version", {})


plugin = LocalExecutor
