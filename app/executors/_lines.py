"""The last words of a program, for a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.executors import Log


@dataclass
class LastLines:
    """Passes output on and remembers its end. `who` is named when it said nothing."""

    log: Log
    who: str = "git"
    text: bytes = field(default=b"")

    def write(self, output: bytes) -> None:
        self.text = (self.text + output)[-4000:]
        self.log.write(output)

    def last(self) -> str:
        lines = self.text.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else f"{self.who} gave no reason"
