"""Frozen dataclasses to JSON text and back; adapters are built once a shape."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from app.workflow.facts import Fact

_FACTS: dict[str, type] = {fact.__name__: fact for fact in get_args(Fact)}


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def dumped(shape: Any, value: Any) -> str:
    """`value` of `shape` as JSON. What UTF-8 cannot hold (lone surrogates, which JSON from outside may spell) becomes `?`."""
    try:
        return adapter(shape).dump_json(value).decode()
    except PydanticSerializationError:
        return clean(json.dumps(adapter(shape).dump_python(value, mode="json"), ensure_ascii=False))


class Stored(TypeDecorator[Any]):
    """A text column that holds a value of `shape` (a frozen dataclass, or containers of them) as JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else dumped(self.shape, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else adapter(self.shape).validate_json(value)


class Words(TypeDecorator[str]):
    """Text from outside, without what PostgreSQL and UTF-8 cannot hold (see `clean`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else clean(value)


def clean(text: str) -> str:
    """`text` as both databases can keep it: NUL becomes the replacement character, a lone surrogate `?`."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def dump_facts(facts: Iterable[Fact]) -> str:
    """Facts as JSON: `[["<class>", {fields}], …]`."""
    tagged = (f'["{type(fact).__name__}",{dumped(type(fact), fact)}]' for fact in facts)
    return f"[{','.join(tagged)}]"


def load_facts(text: str) -> tuple[Fact, ...]:
    return tuple(adapter(_FACTS[name]).validate_python(fields) for name, fields in json.loads(text))
