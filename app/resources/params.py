"""`params`: key-values that runs get as environment variables (sections 2.2 and 2.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.resources._base import Kind
from app.workflow.definition import Json, JsonMap, Resource
from app.workflow.kinds import Fault, Field, Part
from app.workflow.names import field_name
from app.workflow.plan import Value
from app.workflow.variables import is_name, is_reserved, stripped, text_of

SECURE = "secure"
"""The key whose value was encrypted by the hosted product, whose private key is gone."""


@dataclass(frozen=True, slots=True)
class Params(Kind):
    """The bag keeps the key-values in `params`, as they were written."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        params = of(resource.content)
        if not params:
            yield Fault("params", "`params` must have at least one key.")
        for key in params:
            yield from _faults(key)

    def merge(self, bag: JsonMap, keys: Mapping[str, str]) -> dict[str, Json]:
        return {**bag, "params": {**of(bag), **keys}}

    def emptied(self, bag: JsonMap) -> dict[str, Json]:  # noqa: ARG002 - nothing of it is kept
        return {"params": {}}

    def environment(self, name: str, resource: Resource, bag: JsonMap) -> Mapping[str, Value]:  # noqa: ARG002 - the bag has all
        """Each key as `<NAME>_PARAMS_<KEY>` and as it is written, the latter where a script may be given that name."""
        params = {key: text_of(value) for key, value in of(bag).items() if key != SECURE and field_name(key)}
        bare = {stripped(key): value for key, value in params.items()}
        exported: dict[str, Value] = {key: value for key, value in bare.items() if _exportable(key)}
        return exported | {f"{name}_PARAMS_{field_name(key)}": value for key, value in params.items()}


def of(bag: JsonMap) -> dict[str, Json]:
    """The key-values of a params bag."""
    params = bag.get("params")
    return params if isinstance(params, dict) else {}


def _faults(key: str) -> Iterator[Fault]:
    if key == SECURE:
        sentence = (
            "`secure` was encrypted for the hosted product and cannot be read: set its values with `gateline secret set` as a "
            "key-value integration. It is passed over."
        )
        yield Fault(f"params.{key}", sentence, warning=True)
    elif not _exportable(stripped(key)):
        sentence = f"`{key}` is no name that a script may be given: it is exported as `<NAME>_PARAMS_{field_name(key)}` only."
        yield Fault(f"params.{key}", sentence, warning=True)


def _exportable(name: str) -> bool:
    return is_name(name) and not is_reserved(name)


plugin = Params(
    name="params",
    code=1004,
    help="Key-values that runs get as environment variables.",
    fields={"params": Field("map", "The key-values.", required=True, part=Part.VERSION)},
)
