"""`up` and the processes that it supervises: `web`, `worker`, `clock`; `migrate`; `demo`."""

from __future__ import annotations

import os
import signal
import socket
import threading
from types import FrameType
from typing import Protocol

import click
from rich.text import Text

from app.cli.command import command
from app.cli.here import Here, pass_here
from app.cli.printout import Printout, console_of_output
from app.cli.supervise import Supervisor
from app.context import Context
from app.errors import Refused
from config.logging import set_up
from config.settings import Settings

VACANT_WITHIN = 5.0
"""Seconds that an instance that was just killed gets to leave its address and its socket."""


class Stoppable(Protocol):
    """What signals are passed on to."""

    def stop(self) -> None: ...
    def kill(self) -> None: ...


@command("up", "gateline up", "GATELINE_BIND=0.0.0.0:8080 GATELINE_BASE_URL=https://gateline.example.org gateline up")
@pass_here
def up(here: Here) -> None:
    """Serve: the web process, workers and the clock, kept alive until Ctrl-C or SIGTERM."""
    settings, context = here.settings, here.context
    migrated = context.store.migrate()
    _wait_until_vacant(context)
    context.store.close()
    _welcome(settings, migrated)
    set_up(settings, "up")
    own = {"GATELINE_SECRET_KEY_FILE": str(here.key_file)} if here.key_file else {}
    supervisor = Supervisor(settings, {**os.environ, **own})  # handed on to the processes, not read here
    stop_on_signals(supervisor)
    supervisor.run()


def _wait_until_vacant(context: Context) -> None:
    """Raises Refused when another instance uses this data, or something else this address."""
    pause = threading.Event()
    for _ in range(int(VACANT_WITHIN / 0.25)):
        taken = _taken(context)
        if not taken:
            return
        pause.wait(0.25)
    raise Refused(taken)


def _taken(context: Context) -> str:
    settings = context.settings
    if settings.embedded and context.bell.reachable():
        return f"Gateline is running already with the data in {settings.data_dir.absolute()}: stop it, or set GATELINE_DATA_DIR."
    host, _, port = settings.bind.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as problem:
            return f"Gateline cannot listen on {settings.bind} ({problem.strerror}): set GATELINE_BIND to another address and port."
    return ""


def _welcome(settings: Settings, migrated: str) -> None:
    console = console_of_output()
    console.print(Text.assemble("Gateline serves on ", (settings.url, "bold"), f", data in {settings.data_dir.absolute()}"), soft_wrap=True)
    console.print(Text(migrated), soft_wrap=True)
    console.print(Text("To add a source: gateline source add github:OWNER/REPO"), soft_wrap=True)
    console.print(Text("Without a forge: gateline repo create OWNER/NAME, then gateline source add local:OWNER/NAME"), soft_wrap=True)
    console.print(Text(f"Ctrl-C stops it; what runs gets {settings.drain:.0f} s to finish. A second Ctrl-C does not wait."), soft_wrap=True)


def stop_on_signals(supervisor: Stoppable) -> None:
    """SIGTERM and SIGINT stop it; a second SIGINT does not wait for what runs."""
    asked: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if number in asked and number == signal.SIGINT:
            supervisor.kill()
        asked.append(number)
        supervisor.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


@command("web", "gateline web", hidden=True)
@pass_here
def web(here: Here) -> None:
    """The web process, as `up` starts it."""
    from app.cli.web import Web  # imported here: only this process needs gunicorn

    _ready(here, "web").store.close()
    Web(here.settings).run()


@command("worker", "gateline worker runs", "gateline worker errands", hidden=True)
@click.argument("duty", type=click.Choice(["runs", "errands"]))
@pass_here
def worker(here: Here, duty: str) -> None:
    """A worker process, as `up` starts it: for runs, or for errands."""
    from workers.worker import run  # imported here: only this process needs RQ's worker

    run(_ready(here, f"{duty} worker"), errands=duty == "errands")


@command("clock", "gateline clock", hidden=True)
@pass_here
def clock(here: Here) -> None:
    """The clock process, as `up` starts it."""
    from workers.clock import run  # imported here: only this process ticks

    run(_ready(here, "clock"))


def _ready(here: Here, process: str) -> Context:
    """The context of a process of the service, which logs under its own name."""
    context = here.served
    set_up(here.settings, process)
    return context


@command("migrate", "gateline migrate")
@pass_here
def migrate(here: Here) -> Printout:
    """Bring the database up to this version; `up` does it by itself."""
    sentence = here.context.store.migrate()
    return Printout({"message": sentence}, (sentence,))


@command("demo", "gateline demo", "KEEP=1 gateline demo")
@click.pass_context
def demo(ctx: click.Context) -> None:
    """Show a real line on this machine: push, gate, approval, deploy."""
    from app.cli.demo import tour  # imported here: nothing else needs the demo

    ctx.exit(tour.run())
