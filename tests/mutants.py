"""`make mutants`: mutates the engine, runs the tables against each mutant, and fails below 90 % killed. Survivors are listed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

WANTED = 0.9
RESULT = re.compile(r"^\s*(?P<mutant>\S+__mutmut_\d+): (?P<end>.+?)\s*$")


def main() -> int:
    shutil.rmtree(Path("mutants"), ignore_errors=True)
    run = subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "2"], check=False)
    told = subprocess.run([sys.executable, "-m", "mutmut", "results", "--all", "true"], capture_output=True, text=True, check=False).stdout
    ends = {found["mutant"]: found["end"] for line in told.splitlines() if (found := RESULT.match(line))}
    if run.returncode or not ends:
        sys.stderr.write("mutmut did not finish: see above\n")
        return 1
    counts = Counter(ends.values())
    killed = sum(counts[end] for end in ("killed", "timeout", "suspicious", "segfault", "caught by type check"))
    share = killed / len(ends)
    sys.stdout.write("\n".join(sorted(name for name, end in ends.items() if end in ("survived", "no tests"))) + "\n")
    sys.stdout.write(f"{killed} of {len(ends)} mutants killed: {share:.1%} ({', '.join(f'{end} {n}' for end, n in counts.items())})\n")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
