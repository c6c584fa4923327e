"""The JSON Schema of workflow files: sound, as strict as the reader's warnings, and true of what the reader takes."""

from __future__ import annotations

import json
from typing import cast

import pytest
from jsonschema import Draft202012Validator

from app.wire import kinds
from app.workflow._nodes import json_of
from app.workflow.definition import Json
from app.workflow.json_schema import schema
from app.workflow.parse import parse
from app.workflow.reading import read
from tests.docs.test_reference import EVERY_KEY

KINDS = kinds()
VALIDATOR = Draft202012Validator(cast(dict[str, object], schema(KINDS)))


def valid(text: str) -> bool:
    return VALIDATOR.is_valid(_json(text.encode()))


def _json(content: bytes) -> Json:
    document = read("f.yml", content)
    assert document.problems == ()
    return json_of(document.root) if document.root is not None else None


def job(rest: str) -> str:
    return f"jobs:\n  - name: a\n    type: runSh\n    steps:\n      - TASK: [make]\n{rest}"


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema(KINDS))


def test_every_key_of_the_language_is_in_the_schema() -> None:
    assert list(VALIDATOR.iter_errors(_json(EVERY_KEY.encode()))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "language: node_js\nbuild: {ci: [make]}\n",
        "jobs:\nresources:\n",
        job(""),
        job("      - {IN: x, switch: off}\n"),
        job("      - {IN: x, switch: 'OFF', versionNumber: 3}\n"),
        job("    on_success: [{script: x}, echo, {NOTIFY: n}]\n"),
        job("    gate: true\n"),
        "jobs: [{name: a, type: runCLI, steps: [{TASK: {script: [a, [b, [c, ~]]]}}]}]\n",
        "- {name: t, versionTemplate: {counter: 1}}\n",
        "triggers: [{name: t, version: {counter: 1}}]\n",
        "resources: [{name: 1, type: image, pointer: {sourceName: a/b}, seed: {versionName: 1.10}}]\n",
        "resources: [{name: a, type: state}]\n",
    ],
)
def test_what_may_be_written_is_valid(text: str) -> None:
    result = parse("s", "", {"shippable.triggers.yml": text.encode()}, KINDS)
    assert result.problems == ()
    assert valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "text",
        "jobs: {a: b}\n",
        "jobs: [text]\n",
        "jobs: [{name: a}]\n",
        "jobs: [{type: runSh, steps: [{TASK: [make]}]}]\n",
        "jobs: [{name: a, type: runsh, steps: [{TASK: [make]}]}]\n",
        "jobs: [{name: a, type: runSh}]\n",
        "jobs: [{name: a, type: runSh, steps: [{IN: x}]}]\n",
        job("      - {IN: x, swtich: off}\n"),
        job("      - {IN: x, OUT: y}\n"),
        job("      - {IN: x, switch: of}\n"),
        job("      - {IN: x, versionNumber: '3'}\n"),
        job("    dependencyMode: sometimes\n"),
        job("    priority: 10001\n"),
        job("    gate: {aprovers: [a]}\n"),
        job("    runtime: {nodepool: a}\n"),
        job("    bump: minor\n"),
        job("    lock: {hold: gate}\n"),
        job("    retry: {times: 11}\n"),
        job("    allowFailure: 2\n"),
        job("    definition: own\n"),
        job("    inputs: {A: {type: text}}\n"),
        "resources: [{name: a, type: image, pointer: {sourceName: a/b}}]\n",
        "resources: [{name: a, type: image, sourceName: a/b}]\n",
        "resources: [{name: a, type: integration}]\n",
        "resources: [{name: a, type: state, integration: i}]\n",
        "resources: [{name: a, versionTemplate: {counter: 1}}]\n",
    ],
)
def test_what_the_reader_complains_of_is_invalid(text: str) -> None:
    assert parse("s", "", {"gateline.yml": text.encode()}, KINDS).problems != ()
    assert not valid(text)


@pytest.mark.parametrize("name", sorted(KINDS.resources))
def test_each_resource_type_shows_its_fields_with_their_help(name: str) -> None:
    shown = json.dumps(schema(KINDS)["$defs"])
    for key, field in KINDS.resources[name].fields.items():
        assert json.dumps(key) in shown
        assert json.dumps(field.help) in shown
