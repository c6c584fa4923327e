"""Working trees: from a bare mirror of each repository, so that a run fetches only what is new.

The service fetches into the mirror, with credentials and without anything that a workflow or a commit says. The working tree is
made with the rights of the script that will use it (in its sandbox), from a clone that shares nothing with the mirror: hard links
would let a script change the mirror's objects, which git does not verify when it reads them.
"""

from __future__ import annotations

import fcntl
import os.path
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.executors import Log
from app.executors._fill import SYSTEM_PATH
from app.executors._lines import LastLines
from app.executors._sandbox import Confinement, Room
from app.executors._supervise import Command, Supervisor
from app.executors._watch import SetupFailed, Stopped, Watch
from app.executors._workspace import make_folder
from app.forges import CloneSource
from app.workflow.line import Status
from app.workflow.plan import Checkout

RETRIES = (1.0, 2.0, 5.0)
"""Seconds before each further try: a forge announces commits that it does not serve yet (spec/forges.md, trap 41)."""

CHECK_OUT = """
set -e
git checkout --quiet --detach "$1"
git log --max-count=1 --format='HEAD is now at %h %s'
test -z "$2" || git merge --quiet --no-edit -m "Merge $1 with $2" "refs/remotes/origin/$2"
"""
CONFLICTS = "git diff --name-only --diff-filter=U"
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
BRANCHES = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


def environment(config: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """git's environment: nothing of the machine's user, `config` where no process list shows it, known protocols only."""
    settings = (
        ("core.hooksPath", "/dev/null"),
        ("gc.autoDetach", "false"),
        ("init.defaultBranch", "main"),
        ("advice.detachedHead", "false"),
        ("safe.directory", "*"),
        *config,
    )
    env = {
        "PATH": SYSTEM_PATH,
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "http:https:ssh:file",
        "GIT_SSH_VARIANT": "ssh",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "Gateline", f"GIT_{who}_EMAIL": "gateline@localhost"}
    return env


@dataclass(frozen=True, slots=True)
class Git:
    """git for one run. `mirrors` is the folder of all mirrors, made when it is not there."""

    mirrors: Path
    supervisor: Supervisor
    watch: Watch
    log: Log
    retries: tuple[float, ...] = RETRIES

    def check_out(self, checkout: Checkout, source: CloneSource, room: Room, confinement: Confinement) -> None:
        """Makes the working tree of `checkout` in `room`. Raises SetupFailed, with a sentence, and Stopped."""
        with self._mirror(checkout.repository) as mirror:
            self._check(mirror, checkout)
            self._update(mirror, checkout, source)
            tree = make_folder(room.build, os.path.dirname(checkout.path)) / os.path.basename(checkout.path)
            self._clone(mirror, checkout, source, tree)
        self._make_tree(checkout, room, confinement)

    def _check(self, mirror: Path, checkout: Checkout) -> None:
        """A plan's names go to git as what they are: a commit and a branch, never an option or another refspec. Raises SetupFailed."""
        if not SHA.fullmatch(checkout.sha):
            raise SetupFailed(f"{checkout.sha[:40]!r} is not the full SHA of a commit, so {checkout.name} cannot be checked out.")
        if checkout.base_ref and not self._is_branch(mirror, checkout.base_ref):
            raise SetupFailed(f"{checkout.base_ref[:100]!r} is not the name of a branch, so {checkout.name} cannot be merged with it.")
        if checkout.depth < 0:
            raise SetupFailed(f"The depth of {checkout.name} is {checkout.depth}: it must be 1 or more.")

    def _is_branch(self, mirror: Path, name: str) -> bool:
        """Whether a branch may be called so."""
        question = ("check-ref-format", f"refs/heads/{name}")
        return not name.startswith("-") and self._git(mirror, LastLines(_Silence()), question) == 0

    @contextmanager
    def _mirror(self, repository: str) -> Iterator[Path]:
        """The repository's mirror, held for this run alone."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", repository)
        self.mirrors.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.mirrors / f"{name}.lock", "w", encoding="utf-8") as lock:
            while not _locked(lock.fileno()):
                self.watch.pause(0.2)
            mirror = self.mirrors / f"{name}.git"
            if not (mirror / "HEAD").exists():
                shutil.rmtree(mirror, ignore_errors=True)
                self._must("git could not make a mirror", "init", "--quiet", "--bare", "--template=", "--", str(mirror))
            _remove_stale_locks(mirror)
            yield mirror

    def _update(self, mirror: Path, checkout: Checkout, source: CloneSource) -> None:
        """Fetches when the commit is not there yet, or a pull request's base may have moved."""
        if checkout.number is None and self._has(mirror, checkout.sha):
            return
        said = ""
        for pause in (0.0, *self.retries):
            if pause:
                self.watch.pause(pause)
            said = self._fetch(mirror, source, "--prune", "--", source.url, *BRANCHES)
            if not said and not self._has(mirror, checkout.sha):
                said = self._fetch(mirror, source, "--", source.url, f"+{checkout.sha}:refs/gateline/{checkout.sha}")
            if not said and self._has(mirror, checkout.sha):
                return
            said = said or "the repository does not have it"
        raise SetupFailed(f"Commit {checkout.sha[:12]} of {checkout.full_name} could not be fetched: {said}")

    def _fetch(self, mirror: Path, source: CloneSource, *arguments: str) -> str:
        """ "" or git's last line."""
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--force")
        lines = LastLines(self.log)
        code = self._git(mirror, lines, ("fetch", *options, *arguments), source.config)
        return lines.last() if code else ""

    def _has(self, mirror: Path, sha: str) -> bool:
        return self._git(mirror, LastLines(_Silence()), ("cat-file", "-e", f"{sha}^{{commit}}")) == 0

    def _clone(self, mirror: Path, checkout: Checkout, source: CloneSource, tree: Path) -> None:
        sentence = f"The working tree of {checkout.name} could not be made"
        if checkout.depth:
            refs = [checkout.sha]
            if checkout.base_ref:
                refs.append(f"+refs/heads/{checkout.base_ref}:refs/remotes/origin/{checkout.base_ref}")
            self._must(sentence, "init", "--quiet", "--template=", "--", str(tree))
            self._must(sentence, "-C", str(tree), "remote", "add", "--", "origin", source.url)
            shallow = ("--quiet", f"--depth={checkout.depth}", "--")
            self._must(sentence, "-C", str(tree), "fetch", *shallow, mirror.absolute().as_uri(), *refs)
            return
        options = ("--quiet", "--local", "--no-hardlinks", "--no-checkout", "--template=", "--")
        self._must(sentence, "clone", *options, str(mirror.absolute()), str(tree))
        self._must(sentence, "-C", str(tree), "remote", "set-url", "--", "origin", source.url)

    def _make_tree(self, checkout: Checkout, room: Room, confinement: Confinement) -> None:
        seen = confinement.seen(room).build / checkout.path
        base = checkout.base_ref if checkout.number is not None else ""
        env = environment(tuple(_setting(line) for line in checkout.config))

        def run(script: str, lines: LastLines) -> int:
            inner = ("/bin/sh", "-c", f'cd -- "$0" && {{ {script}\n}}', str(seen), checkout.sha, base)
            ended = self.supervisor.run(Command(confinement.wrap(room, inner), env, room.build), self.watch, lines.write)
            return _code(ended.code, ended.lost)

        lines = LastLines(self.log)
        if run(CHECK_OUT, lines) == 0:
            return
        conflicts = LastLines(_Silence())
        run(CONFLICTS, conflicts)
        if base and conflicts.text.strip():
            files = ", ".join(conflicts.text.decode(errors="replace").split("\n")[:5]).strip(", ")
            raise SetupFailed(
                f"Pull request #{checkout.number} of {checkout.full_name} does not merge with {base}: conflicts in {files}."
                " Merge or rebase it, and push."
            )
        raise SetupFailed(f"{checkout.full_name} could not be checked out at {checkout.sha[:12]}: {lines.last()}")

    def _must(self, sentence: str, *arguments: str) -> None:
        lines = LastLines(self.log)
        if self._git(self.mirrors, lines, arguments):
            raise SetupFailed(f"{sentence}: {lines.last()}")

    def _git(self, folder: Path, lines: LastLines, arguments: tuple[str, ...], config: tuple[tuple[str, str], ...] = ()) -> int:
        program = shutil.which("git", path=SYSTEM_PATH) or "git"
        ended = self.supervisor.run(Command((program, *arguments), environment(config), folder), self.watch, lines.write)
        return _code(ended.code, ended.lost)


class _Silence:
    """A log for questions whose answer nobody reads."""

    def section(self, name: str) -> None: ...

    def write(self, output: bytes) -> None: ...


def _code(code: int, lost: str) -> int:
    if lost:
        raise Stopped(Status.LOST, lost)
    return code


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _setting(line: str) -> tuple[str, str]:
    """A `key value` line of a gitRepo's gitConfig."""
    key, _, value = line.strip().partition(" ")
    return key, value.strip()


def _remove_stale_locks(mirror: Path) -> None:
    """A killed git leaves lock files behind; the mirror is ours alone now, so they mean nothing."""
    for lock in (*mirror.glob("*.lock"), *mirror.glob("refs/**/*.lock")):
        lock.unlink()
