"""Posts one signed webhook for each ref that a push moved: run by git as `post-receive`, with the standard library only.

The service may be down: the push has succeeded by then, so this says what happens next and never fails. Its configuration is
the file `gateline-hook.json` of the repository (see `disk.py`). The service itself sends with `deliver`, too.
"""

from __future__ import annotations

import hmac
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

TIMEOUT = 5.0
"""Seconds that the service may take to answer a webhook."""

CONFIGURATION = "gateline-hook.json"


class Undelivered(Exception):
    """The service did not take a webhook: the text says why."""


def deliver(url: str, secret: bytes, event: str, payload: bytes) -> None:
    """Posts one webhook, signed with HMAC-SHA256 over its bytes. Raises Undelivered."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "gateline-local",
        "X-Gateline-Event": event,
        "X-Gateline-Delivery": str(uuid.uuid4()),
        "X-Gateline-Signature-256": "sha256=" + hmac.new(secret, payload, "sha256").hexdigest(),
    }
    request = urllib.request.Request(url, data=payload, headers=headers, method="POST")  # noqa: S310 - our own URL, from our own file
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=TIMEOUT):
            pass
    except urllib.error.HTTPError as problem:
        problem.close()
        raise Undelivered(f"{url} answered {problem.code} {problem.reason}") from None
    except (OSError, ValueError) as problem:
        raise Undelivered(f"{url} did not answer: {getattr(problem, 'reason', problem)}") from None


def main() -> int:
    """Reads `<before> <after> <ref>` lines as git writes them, in the bare repository's folder."""
    moved = [line.split(" ", 2) for line in sys.stdin.read().splitlines()]
    refs = [(_sha(before), _sha(after), ref) for before, after, ref in moved if ref.startswith(("refs/heads/", "refs/tags/"))]
    try:
        told = json.loads(Path(CONFIGURATION).read_text())
        secret = Path(told["secret_file"]).read_bytes().strip()
        for event, payload in _webhooks(told, refs):
            deliver(told["url"], secret, event, json.dumps(payload).encode())
    except (OSError, ValueError, KeyError, subprocess.CalledProcessError, Undelivered) as problem:
        print(f"gateline: {problem}", file=sys.stderr)  # noqa: T201 - git shows it to whoever pushes
        print("gateline: the push is kept; the next comparison of branches will find it", file=sys.stderr)  # noqa: T201 - likewise
    return 0


def _webhooks(told: dict[str, Any], refs: list[tuple[str, str, str]]) -> list[tuple[str, dict[str, Any]]]:
    """Pushes first, then the open pull requests whose head branch moved."""
    login = os.environ.get("GATELINE_USER", "")
    pusher = {"id": told["people"].get(login.lower(), ""), "login": login or "unknown"}
    webhooks: list[tuple[str, dict[str, Any]]] = []
    for before, after, ref in refs:
        push = {"ref": ref, "before": before, "after": after, "commit": _commit(after), "pusher": pusher}
        webhooks.append(("push", {"repository": told["repository"], **push}))
    for _, after, ref in refs:
        for pull in told["pulls"]:
            if after and ref == f"refs/heads/{pull['head_ref']}":
                _git("update-ref", "--", f"refs/pull/{pull['number']}/head", after)
                known = {
                    "head": _commit(after),
                    "base_sha": _tip(f"refs/heads/{pull['base_ref']}"),
                    "authors": [*pull["authors"], pusher],
                }
                webhooks.append(("pull_request", {"repository": told["repository"], **pull, "action": "updated", **known}))
    return webhooks


def _sha(text: str) -> str:
    return "" if set(text) == {"0"} else text


def _commit(sha: str) -> dict[str, str]:
    """The commit that `sha` names, a tag peeled; one without a SHA for a deleted ref or a tag of something else."""
    peeled = _tip(sha) if sha else ""
    if not peeled:
        return {"sha": ""}
    words = _git("log", "--max-count=1", "--no-show-signature", "--format=%H%x00%an%x00%cn%x00%B", peeled, "--").split("\0", 3)
    return {"sha": words[0], "author": words[1], "committer": words[2], "message": words[3].rstrip("\n")}


def _tip(name: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}").strip()
    except subprocess.CalledProcessError:
        return ""


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout.decode(errors="replace")  # noqa: S603, S607 - git put itself first on the PATH of its hooks


if __name__ == "__main__":
    sys.exit(main())
