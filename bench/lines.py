"""Workflow files of a line as large as anybody's: 5,000 jobs with 20,000 edges."""

from __future__ import annotations

JOBS, EDGES, FILES = 5000, 20_000, 50


def large_line() -> dict[str, bytes]:
    """Path -> content: each job has four INs, jobs before it or a state."""
    files = {f".gateline/part-{file}.yml": _part(file * JOBS // FILES, (file + 1) * JOBS // FILES) for file in range(FILES)}
    resources = "".join(f"  - {{name: res-{number}, type: state}}\n" for number in range(EDGES // JOBS))
    return {**files, "gateline.yml": f"resources:\n{resources}".encode()}


def _part(first: int, end: int) -> bytes:
    lines = ["jobs:"]
    for number in range(first, end):
        lines += [f"  - name: job-{number}", "    type: runSh", "    steps:"]
        for up in range(EDGES // JOBS):
            before = number * 2 // 3 - up
            lines.append(f"      - IN: {f'job-{before}' if 0 <= before < number else f'res-{up}'}")
        lines += ["      - TASK:", "          - script: make", f"          - script: test {number}"]
    return "\n".join(lines).encode()
