"""Payloads made from the schemas of npm's `@octokit/openapi-webhooks`: for each event and action a sparse and a full one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.github.packages import npm_package

FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uri": "https://github.example/",
    "uri-template": "https://github.example/{id}",
    "email": "a@example.com",
}
PLAIN: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": False, "null": None}
DEEPEST = 7


@dataclass(frozen=True)
class Generator:
    """Makes an instance of a schema. `full`: with every property; otherwise required ones only, null wherever it is allowed."""

    components: Mapping[str, Any]
    full: bool

    def instance(self, schema: Any, depth: int = 0) -> Any:
        """An instance that is valid by `schema` in what it has."""
        while "$ref" in schema:
            schema = self.components[schema["$ref"].rpartition("/")[2]]
        if "enum" in schema:
            return None if None in schema["enum"] and not self.full else schema["enum"][0]
        if "allOf" in schema:
            return self._merged([self.instance(part, depth) for part in schema["allOf"]])
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices and "properties" not in schema:
            return self._chosen(choices, depth)
        return self._typed(schema, depth)

    def _typed(self, schema: Any, depth: int) -> Any:
        kinds = schema.get("type", "object")
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if "null" in kinds and (not self.full or depth > DEEPEST):
            return None
        kind = next((kind for kind in kinds if kind != "null"), "null")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return [self.instance(schema["items"], depth + 1)] if self.full and depth < DEEPEST and "items" in schema else []
        return FORMATS.get(schema.get("format", ""), PLAIN[kind]) if kind == "string" else PLAIN[kind]

    def _object(self, schema: Any, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        properties = schema.get("properties", {})
        wanted = properties if self.full and depth < DEEPEST else [name for name in properties if name in required]
        made = {name: self.instance(properties[name], depth + 1) for name in wanted}
        # Some schemas call a time plain text.
        return {name: FORMATS["date-time"] if value == "text" and name.endswith("_at") else value for name, value in made.items()}

    def _chosen(self, choices: list[Any], depth: int) -> Any:
        if not self.full and {"type": "null"} in choices:
            return None
        return self.instance(next(choice for choice in choices if choice != {"type": "null"}), depth)

    @staticmethod
    def _merged(parts: list[Any]) -> Any:
        whole: dict[str, Any] = {}
        for part in parts:
            if not isinstance(part, dict):
                return part
            whole |= part
        return whole


def deliveries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(event, action or "", payload), sparse before full."""
    file = npm_package("@octokit/openapi-webhooks") / "generated" / "api.github.com.json"
    described = json.loads(file.read_text())
    generators = [Generator(described["components"]["schemas"], full) for full in (False, True)]
    for webhook in described["webhooks"].values():
        event, _, action = webhook["post"]["operationId"].partition("/")
        schema = webhook["post"]["requestBody"]["content"]["application/json"]["schema"]
        for generator in generators:
            yield event.replace("-", "_"), action.replace("-", "_"), generator.instance(schema)
