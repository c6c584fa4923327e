"""`gateline schema` prints a schema that accepts what the reader accepts."""

from __future__ import annotations

import json

import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from app.cli.here import Here
from app.cli.main import gateline
from tests.cli.machine import WORKFLOW


def test_the_schema_is_one_and_accepts_a_good_file() -> None:
    plain, as_json = (CliRunner().invoke(gateline, ["schema", *more], obj=Here()).stdout for more in ([], ["--json"]))
    schema = json.loads(plain)
    assert schema == json.loads(as_json)
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema)
    assert found.is_valid(yaml.safe_load(WORKFLOW.replace(b"off", b'"off"')))
    assert not found.is_valid({"jobs": [{"name": "a", "type": "runSh", "stpes": []}]})
