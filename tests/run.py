"""What `make test` runs: the live tests (real processes, which mostly wait) beside all the others, so that neither waits for the other.

With arguments it is plain pytest: `make test ARGS="tests/store -k claim"`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest", "-q")
LIVE = ("tests/live", "tests/docs/test_readme.py")
REST = ("-n", "2", *(f"--ignore={path}" for path in LIVE))


def main(arguments: list[str]) -> int:
    if arguments:
        return subprocess.call([*PYTEST, *arguments])
    with tempfile.TemporaryFile() as said:
        live = subprocess.Popen([*PYTEST, *LIVE], stdout=said, stderr=subprocess.STDOUT)
        try:
            rest = subprocess.call([*PYTEST, *REST])
            code = live.wait()
        finally:
            live.terminate()
            live.wait()
        said.seek(0)
        sys.stdout.write(f"\nWith real processes ({', '.join(LIVE)}):\n{said.read().decode(errors='replace')}")
    return rest or code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
