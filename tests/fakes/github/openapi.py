"""Whether a request is valid by GitHub's published OpenAPI description (npm `@octokit/openapi`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import jsonschema

from tests.fakes.github.packages import find_npm_package

PACKAGE = "@octokit/openapi"
BY_ID = re.compile(r"^/repositories/(\d+)(?=/|$)")
"""GitHub serves every path of a repository by its id too, and describes only those by name."""


@dataclass(frozen=True)
class Operation:
    """A path and verb of the description, with what stood in for the path's parameters."""

    template: str
    described: Mapping[str, Any]
    parameters: Mapping[str, str]


class Description:
    """The description of api.github.com."""

    def __init__(self, file: Path) -> None:
        self._root: Mapping[str, Any] = json.loads(file.read_text())
        self._paths = sorted(self._root["paths"], key=lambda path: (path.count("{"), path))

    def problems(self, verb: str, path: str, query: str, body: object) -> list[str]:
        """Sentences about what is wrong with a request; none when it is valid. `path` is raw, still quoted."""
        operation = self._operation(verb, BY_ID.sub(r"/repos/owner-of-\1/name-of-\1", path))
        if operation is None:
            return [f"{verb} {path}: no such operation is described"]
        found = [*self._parameter_problems(operation, query), *self._body_problems(operation, body)]
        return [f"{verb} {path}: {problem}" for problem in found]

    def _operation(self, verb: str, path: str) -> Operation | None:
        for template in self._paths:
            described = self._root["paths"][template].get(verb.lower())
            match = _pattern(template).fullmatch(path) if described else None
            if match is not None:
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return Operation(template, described, values)
        return None

    def _parameter_problems(self, operation: Operation, query: str) -> Iterator[str]:
        given = dict(parse_qsl(query, keep_blank_values=True))
        described = [self._resolved(parameter) for parameter in operation.described.get("parameters", ())]
        known = {parameter["name"]: parameter for parameter in described if parameter["in"] == "query"}
        yield from (f"the query parameter {name} is not described" for name in given.keys() - known.keys())
        for parameter in described:
            name, values = parameter["name"], given if parameter["in"] == "query" else operation.parameters
            if parameter["in"] in ("query", "path") and name in values:
                schema = self._schema(parameter["schema"])
                yield from (f"{name}: {problem}" for problem in _mismatches(schema, _typed(schema, values[name])))
            elif parameter["in"] == "query" and parameter.get("required"):
                yield f"the query parameter {name} is missing"

    def _body_problems(self, operation: Operation, body: object) -> Iterator[str]:
        wanted = operation.described.get("requestBody")
        if wanted is None:
            if body is not None:
                yield "a body was sent where none is described"
            return
        if body is None:
            if wanted.get("required"):
                yield "the body is missing"
            return
        schema = self._schema(wanted["content"]["application/json"]["schema"])
        yield from _mismatches(schema, body)
        if isinstance(body, dict) and "properties" in schema:
            yield from (f"the member {name} is not described" for name in body.keys() - schema["properties"].keys())

    def _schema(self, schema: Any) -> Any:
        """A schema with references resolved and OpenAPI 3.0's `nullable` in JSON Schema's words."""
        if isinstance(schema, list):
            return [self._schema(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        schema = self._resolved(schema)
        translated = {key: self._schema(value) for key, value in schema.items() if key not in ("example", "examples")}
        return {"anyOf": [translated, {"type": "null"}]} if schema.get("nullable") is True else translated

    def _resolved(self, found: Any) -> Any:
        while isinstance(found, dict) and "$ref" in found:
            name = found["$ref"]
            found = self._root
            for part in name.removeprefix("#/").split("/"):
                found = found[part]
        return found


def _mismatches(schema: Any, value: object) -> Iterator[str]:
    for error in jsonschema.Draft7Validator(schema).iter_errors(value):
        yield f"{'.'.join(str(part) for part in error.path)} {error.message[:200]}".strip()


def _typed(schema: Any, text: str) -> object:
    """A parameter's text as the type its schema wants."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))


@cache
def description() -> Description | None:
    """GitHub's description, None when the npm package is not installed. Read once: it has 13 MB."""
    found = find_npm_package(PACKAGE)
    return Description(found / "generated" / "api.github.com.json") if found is not None else None
