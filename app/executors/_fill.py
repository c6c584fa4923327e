"""Fills in what a plan only names: where the workspace lies, and the values of secrets."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from app.executors import Materials
from app.executors._sandbox import Room
from app.executors._watch import SetupFailed
from app.executors._workspace import make_folder, write_file
from app.workflow.plan import JOB_PATH, Joined, Plan, Sealed, Secret, Value
from app.workflow.secure import variables

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Filler:
    """`job_path` is the workspace as the script sees it."""

    def __init__(self, materials: Materials, job_path: str) -> None:
        self._materials = materials
        self._job_path = job_path

    def text(self, value: Value) -> str:
        """Raises SetupFailed when a secret's value was not given to this run."""
        match value:
            case str():
                return value.replace(JOB_PATH, self._job_path)
            case Secret():
                return self._reveal(value)
            case Sealed():
                return "".join(f"{key}={text}\n" for key, text in self._opened(value).items())
            case Joined():
                return _FORMS[value.form]("".join(self.text(part) for part in value.parts))

    def environment(self, pairs: Iterable[tuple[str, Value]]) -> dict[str, str]:
        """Raises SetupFailed for what no environment can hold."""
        filled: dict[str, str] = {}
        for name, value in pairs:
            filled |= variables(value, self._opened(value)) if isinstance(value, Sealed) else {name: self.text(value)}
        for name, text in filled.items():
            if not name or "=" in name or "\0" in name + text:
                raise SetupFailed(f"The variable {name!r} cannot be set: its name or its value holds a character that no environment can.")
        return filled

    def lay_down(self, plan: Plan, room: Room) -> None:
        """Makes the plan's folders and files, and fetches the state files that it restores."""
        for path in plan.folders:
            make_folder(room.build, path)
        for file in plan.files:
            write_file(room.build, file.path, self.text(file.content), file.mode)
        for restore in plan.restores:
            self._materials.fetch(restore.files, make_folder(room.build, restore.path))

    def _opened(self, sealed: Sealed) -> Mapping[str, str]:
        values = self._materials.sealed.get(sealed.text)
        if values is None:
            raise SetupFailed("The run needs a `secure` text, which it may not see.")
        return values

    def _reveal(self, secret: Secret) -> str:
        fields = self._materials.secrets.get(secret.integration)
        if fields is None:
            raise SetupFailed(f"The run needs the integration {secret.integration!r}, whose values it may not see.")
        if secret.form == "json":
            return json.dumps(dict(fields))
        if secret.form == "env":
            return "".join(f"{name}={quoted(value)}\n" for name, value in fields.items())
        if secret.field not in fields:
            raise SetupFailed(f"The integration {secret.integration!r} has no field {secret.field!r}.")
        return fields[secret.field]


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _in_url(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


_FORMS: Mapping[str, Callable[[str], str]] = {"raw": str, "base64": _base64, "url": _in_url, "json": _in_json}
"""Of a `Joined`."""


def base_environment(room: Room) -> Mapping[str, str]:
    """What every script has beside its plan's variables: a PATH, with shipctl on it."""
    return {"PATH": f"{room.control}/bin:{SYSTEM_PATH}"}


def quoted(text: str) -> str:
    """`text` in double quotes, so that a shell reads it back as it is."""
    for character in '\\"$`':
        text = text.replace(character, "\\" + character)
    return f'"{text}"'
