"""`make mutants`: mutates the engine, runs the tables against each mutant, and fails when fewer than 90 % are killed.

What survives is named unless `tests/workflow/survivors.tsv` (mutant, tab, reason) says why; what is listed there and was killed, too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

WANTED = 0.9
CORE = frozenset({"app.workflow.decide", "app.workflow.trigger", "app.workflow.line"})
"""Of these together, and of all together, 90 % have to be killed."""
KILLED = frozenset({"killed", "timeout", "suspicious", "segfault", "caught by type check"})
RESULT = re.compile(r"^\s*(?P<mutant>\S+__mutmut_\d+): (?P<end>.+?)\s*$")
REASONS = Path(__file__).parent / "workflow" / "survivors.tsv"


def main() -> int:
    shutil.rmtree(Path("mutants"), ignore_errors=True)
    run = subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "2"], check=False)
    told = subprocess.run([sys.executable, "-m", "mutmut", "results", "--all", "true"], capture_output=True, text=True, check=False).stdout
    ends = {found["mutant"]: found["end"] for line in told.splitlines() if (found := RESULT.match(line))}
    if run.returncode or not ends:
        sys.stderr.write("mutmut did not finish: see above\n")
        return 1
    reasons = dict(line.split("\t", 1) for line in REASONS.read_text().splitlines())
    alive = {mutant for mutant, end in ends.items() if end not in KILLED}
    _name("Survivors without a reason", alive - reasons.keys())
    _name(f"No survivors any more: take them out of {REASONS.name}", reasons.keys() - alive)
    for module in sorted({_module(mutant) for mutant in ends}):
        _tell(module, {mutant: end for mutant, end in ends.items() if _module(mutant) == module})
    core = _tell("decide, trigger and line", {mutant: end for mutant, end in ends.items() if _module(mutant) in CORE})
    return 0 if min(core, _tell("all", ends)) >= WANTED else 1


def _module(mutant: str) -> str:
    """`app.workflow.line.xǁLineǁrun__mutmut_1` is of `app.workflow.line`."""
    return mutant.rpartition(".")[0]


def _name(heading: str, mutants: Iterable[str]) -> None:
    listed = sorted(mutants)
    if listed:
        sys.stdout.write("\n".join([f"{heading}:", *(f"  {mutant}" for mutant in listed)]) + "\n")


def _tell(name: str, ends: Mapping[str, str]) -> float:
    """Says how many of `ends` were killed, and returns their share."""
    killed = sum(end in KILLED for end in ends.values())
    counts = ", ".join(f"{end} {count}" for end, count in sorted(Counter(ends.values()).items()))
    sys.stdout.write(f"{name}: {killed} of {len(ends)} mutants killed, {killed / len(ends):.1%} ({counts})\n")
    return killed / len(ends)


if __name__ == "__main__":
    sys.exit(main())
