"""`params`: key-values that runs get as environment variables (sections 2.2 and 2.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.resources._base import Kind
from app.workflow.definition import Json, JsonMap, Resource
from app.workflow.kinds import Fault, Field, Part
from app.workflow.names import field_name
from app.workflow.plan import Sealed, Value
from app.workflow.secure import ciphertext
from app.workflow.variables import is_name, is_reserved, stripped, text_of

SECURE = "secure"
"""The key whose value is encrypted key-values (section 7)."""


@dataclass(frozen=True, slots=True)
class Params(Kind):
    """The bag keeps the key-values in `params`, as they were written."""

    def check(self, resource: Resource) -> Iterable[Fault]:
        params = of(resource.content)
        if not params:
            yield Fault("params", "`params` must have at least one key.")
        for key, value in params.items():
            yield from _faults(key, value)

    def merge(self, bag: JsonMap, keys: Mapping[str, str]) -> dict[str, Json]:
        return {**bag, "params": {**of(bag), **keys}}

    def emptied(self, bag: JsonMap) -> dict[str, Json]:  # noqa: ARG002 - nothing of it is kept
        return {"params": {}}

    def environment(self, name: str, resource: Resource, bag: JsonMap) -> Mapping[str, Value]:  # noqa: ARG002 - the bag has all
        """Each key as `<NAME>_PARAMS_<KEY>` and as it is written, the latter where scripts may have that name; what `secure` holds too."""
        prefix, secure = f"{name}_PARAMS_", of(bag).get(SECURE)
        params = {key: text_of(value) for key, value in of(bag).items() if key != SECURE and field_name(key)}
        bare = {stripped(key): value for key, value in params.items()}
        exported: dict[str, Value] = {key: value for key, value in bare.items() if _exportable(key)}
        exported |= {f"{prefix}{field_name(key)}": value for key, value in params.items()}
        return exported | ({f"{prefix}{field_name(SECURE)}": Sealed(text_of(secure), prefix)} if SECURE in of(bag) else {})


def of(bag: JsonMap) -> dict[str, Json]:
    """The key-values of a params bag."""
    params = bag.get("params")
    return params if isinstance(params, dict) else {}


def _faults(key: str, value: Json) -> Iterator[Fault]:
    if key == SECURE:
        try:
            ciphertext(text_of(value))
        except ValueError as problem:
            sentence = f"`secure` is no encrypted text: {problem}. Make one with `gateline encrypt`; runs that take it end as errors."
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
