"""Picks up what a run left behind (spec/workflow-language.md section 5): keys, an edited version.json, state files.

The script owned these folders, so nothing of it is trusted: no symbolic link is followed, only regular files are read, sizes are
bounded, and secrets are masked in keys and in files that are text. State files are laid out in a clean folder of ours before they are
stored.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import cast

from app.executors._mask import Masker
from app.executors._output_lines import Unended, read_lines
from app.workflow.definition import Json, JsonMap
from app.workflow.events import Left
from app.workflow.plan import Collect

FILE_LIMIT = 1024 * 1024
"""Bytes of one file of state."""
TOTAL_LIMIT = 10 * FILE_LIMIT
"""Bytes of all files of one state."""
SHORTEST_IN_BINARY = 8
"""Bytes: shorter secrets occur by chance in a file that is no text."""
SUMMARY_LIMIT = 40_000
"""Characters of a summary."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class CollectFailed(Exception):
    """An output cannot be taken: the text is the sentence that makes a passed run fail."""


@dataclass
class Collector:
    """`build` is the workspace, `staging` an empty folder of ours; `keep` as in `Materials`.

    `planned`: paths of the files that the plan wrote, which are no state. `notes` are sentences for the log.
    """

    build: Path
    staging: Path
    keep: Callable[[Path], str | None]
    masker: Masker
    planned: frozenset[str]
    notes: list[str] = field(default_factory=list)

    def left(self, collect: Collect, written: JsonMap) -> Left:
        """What there is for one output; `written` is the `version` that its version.json had at first. Raises CollectFailed."""
        keys: list[tuple[str, str]] = []
        bag: JsonMap | None = None
        if collect.output and (own := self._json(collect.output)):
            keys, bag = self._version(own, {})
        if collect.bag and (edited := self._json(collect.bag)):
            keys, bag = self._version(_map(edited.get("version")), written)
        keys += [(key, self.masker.text(value)) for key, value in parse_env(self._text(collect.env) or "")]
        keys += [(key, self.masker.text(value)) for key, value in self._lines(collect.lines)]
        return Left(tuple(keys), bag, self._files(collect), self._summary(collect.summary))

    def _lines(self, path: str) -> list[tuple[str, str]]:
        try:
            pairs, wrong = read_lines(self._text(path) or "")
        except Unended as problem:
            raise CollectFailed(f"$GATELINE_OUTPUT cannot be read: {problem}.") from None
        self.notes += [self.masker.text(f"$GATELINE_OUTPUT: {sentence}") for sentence in wrong]
        return pairs

    def _summary(self, path: str) -> str:
        """What a run wrote about itself never fails it."""
        try:
            text = self.masker.text(self._text(path) or "")
        except CollectFailed:
            self.notes.append("$GATELINE_SUMMARY: it is larger than 1 MiB or cannot be read, so it is not shown.")
            return ""
        if len(text) > SUMMARY_LIMIT:
            self.notes.append(f"$GATELINE_SUMMARY: only the first {SUMMARY_LIMIT:,} characters are shown.")
        return text[:SUMMARY_LIMIT].strip()

    def _version(self, version: JsonMap, before: JsonMap) -> tuple[list[tuple[str, str]], JsonMap | None]:
        """The keys and the propertyBag that a JSON file gives, None when it is the one from before."""
        bag = version.get("propertyBag")
        name = version.get("versionName")
        keys = [("versionName", self.masker.text(name))] if isinstance(name, str) and name and name != before.get("versionName") else []
        if not isinstance(bag, dict) or bag == before.get("propertyBag", {}):
            return keys, None
        return keys, cast(JsonMap, self._masked(bag))

    def _masked(self, value: Json) -> Json:
        match value:
            case str():
                return self.masker.text(value)
            case list():
                return [self._masked(item) for item in value]
            case dict():
                return {key: self._masked(item) for key, item in value.items()}
        return value

    def _json(self, path: str) -> JsonMap | None:
        text = self._text(path)
        if text is None:
            return None
        try:
            return _map(json.loads(text))
        except (ValueError, RecursionError) as problem:
            raise CollectFailed(f"{path} is no valid JSON: {problem}.") from None

    def _text(self, path: str) -> str | None:
        parts = PurePosixPath(path).parts
        if not parts:
            return None
        folder = open_folder(self.build, parts[:-1])
        if folder is None:
            return None
        try:
            found = read_file(folder, parts[-1], path)
        finally:
            os.close(folder)
        return None if found is None else found[0].decode("utf-8", errors="replace")

    def _files(self, collect: Collect) -> str | None:
        if not collect.files:
            return None
        folder = open_folder(self.build, PurePosixPath(collect.files).parts)
        if folder is None:
            return None
        target = self.staging / str(len(list(self.staging.iterdir())))
        target.mkdir()
        try:
            self._stage(folder, target, collect.files, self.planned | {collect.env, collect.output}, [0])
        finally:
            os.close(folder)
        return self.keep(target) if any(target.iterdir()) else None

    def _stage(self, folder: int, target: Path, path: str, skip: frozenset[str], total: list[int]) -> None:
        for name in sorted(os.listdir(folder)):
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                below = os.open(name, _FOLDER, dir_fd=folder)
                (target / name).mkdir()
                try:
                    self._stage(below, target / name, f"{path}/{name}", skip, total)
                finally:
                    os.close(below)
                (target / name).chmod(stat.S_IMODE(mode) | 0o700)
            elif not stat.S_ISREG(mode):
                self.notes.append(f"{path}/{name} is no regular file: it is not kept.")
            elif f"{path}/{name}" not in skip:
                self._stage_file(folder, name, target, path, total)

    def _stage_file(self, folder: int, name: str, target: Path, path: str, total: list[int]) -> None:
        found = read_file(folder, name, f"{path}/{name}")
        if found is None:
            return
        content, mode = found
        total[0] += len(content)
        if total[0] > TOTAL_LIMIT:
            raise CollectFailed(f"The files in {path} are larger than 10 MiB together: keep fewer, or keep them in a store of your own.")
        (target / name).write_bytes(self._without_secrets(content, f"{path}/{name}"))
        (target / name).chmod(mode)

    def _without_secrets(self, content: bytes, path: str) -> bytes:
        """A file's content as it may be stored (product.md section 8). Raises CollectFailed for a secret in what is no text."""
        if _is_text(content):
            shown = self.masker.content(content)
            if shown != content:
                self.notes.append(
                    f"{path} holds a secret: it is kept with *** in its place. Keep what has to stay whole in a store of your own."
                )
            return shown
        if self.masker.holds(content, SHORTEST_IN_BINARY):
            raise CollectFailed(
                f"{path} holds a secret and is no text, so it cannot be kept with the secret masked: leave the secret out of it."
            )
        return content


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def parse_env(text: str) -> list[tuple[str, str]]:
    """`KEY=VALUE` lines, split at the first `=`; a value in quotes loses them (section 10 #10). Other lines say nothing."""
    pairs = []
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and key and not key.startswith("#"):
            pairs.append((key.strip(), _unquoted(value)))
    return pairs


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':
        inner = value[1:-1]
        for character in '"$`\\':
            inner = inner.replace("\\" + character, character)
        return inner
    return value


def open_folder(root: Path, parts: tuple[str, ...]) -> int | None:
    """A descriptor of the folder below `root`, None when there is none or a link is on the way."""
    folder = os.open(root, _FOLDER)
    for part in parts:
        try:
            below = os.open(part, _FOLDER, dir_fd=folder)
        except OSError:
            return None
        finally:
            os.close(folder)
        folder = below
    return folder


def read_file(folder: int, name: str, path: str, limit: int = FILE_LIMIT) -> tuple[bytes, int] | None:
    """A regular file's bytes and mode, None for what is not one. Raises CollectFailed when it is too large or unreadable."""
    try:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise CollectFailed(f"{path} cannot be read: {problem.strerror}.") from None
    with open(descriptor, "rb") as stream:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            return None
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise CollectFailed(f"{path} is larger than {limit // 1024 // 1024} MiB: keep less in it, or keep it in a store of your own.")
    return content, stat.S_IMODE(mode)


def _map(value: Json) -> JsonMap:
    return value if isinstance(value, dict) else {}
