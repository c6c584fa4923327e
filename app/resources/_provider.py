"""What kinds that point at a provider share: the bastion host in front of it, and maps of which only some keys are known."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.resources._base import strings
from app.workflow.definition import JsonMap
from app.workflow.kinds import Fault, Field

BASTION = Field("map", "The host to go through: `address`, `user` and `keyIntegration`, the name of an ssh or pem `integration` resource.")
_BASTION_KEYS = ("address", "user", "keyIntegration")


def bastion_faults(content: JsonMap) -> Iterator[Fault]:
    """Its keys are needed all three (section 2.2, cluster)."""
    host = content.get("bastionHost")
    if isinstance(host, dict):
        yield from unknown_keys("bastionHost", host, _BASTION_KEYS)
        for key in _BASTION_KEYS:
            if not strings(host.get(key)):
                yield Fault("bastionHost", f"`bastionHost` needs `{key}`.")


def unknown_keys(path: str, given: JsonMap, known: Collection[str]) -> Iterator[Fault]:
    for key in given:
        if key not in known:
            yield Fault(f"{path}.{key}", f"`{path}` knows {', '.join(f'`{each}`' for each in known)}, not `{key}`.", warning=True)


def is_template(text: str) -> bool:
    """Whether the text is only known at run time, so that nothing can be said of it now (section 2.1, templating)."""
    return "$" in text
