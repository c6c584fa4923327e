"""The main of a clock process: sweeps every second while it leads, stands by otherwise."""

from __future__ import annotations

import os
import signal
import socket
import threading

from app.context import Context
from app.tick import Sweep

EVERY = 1.0
"""Seconds between two sweeps."""


def run(context: Context) -> None:
    """Ticks until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sweep = Sweep(context, f"{socket.gethostname()}:{os.getpid()}")
    while not stop.is_set():
        sweep.once()
        stop.wait(EVERY)
