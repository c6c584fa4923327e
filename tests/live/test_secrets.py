"""Secrets over real processes: never in a log, however they get out, and readable through a change of keys."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from app.store import Store
from app.workflow.line import Status
from tests.live.stage import PROJECT, Line, Stage

PASSWORD = "s3cret-Passw0rd+with/odd=signs"
KEY = "-----BEGIN A KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQEF\nAASCBKYwggSiAgEAAoIBAQC7VJTU\n-----END A KEY-----\n"

WORKFLOW = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {sourceName: NAME, branch: main}
      - name: prod
        type: integration
        integration: prod
    jobs:
      - name: leak
        type: runSh
        runtime: {timeoutMinutes: 5}
        steps:
          - IN: app
          - IN: prod
          - TASK:
              script:
                - echo "plain $PASSWORD"
                - echo "base64 $(printf '%s' "$PASSWORD" | base64 -w0)"
                - echo "base64 behind something $(printf 'user:%s' "$PASSWORD" | base64 -w0)"
                - echo "many lines" && printf '%s' "$KEY"
                - echo "indented" && printf '%s' "$KEY" | sed 's/^/    /'
                - for ((i = 0; i < ${#PASSWORD}; i++)); do printf '%s' "${PASSWORD:i:1}"; sleep 0.05; done; echo " letter by letter"
                - test "$(printf '%s' "$PASSWORD" | wc -c)" = SIZE && echo "it was the real one"
    """


def _leaking(stage: Stage, name: str) -> Line:
    unset = f"`prod` uses integration `prod`, which is not set for github:{name}/app@main: `gateline secret set prod --type TYPE …`"
    line = stage.add(f"{name}/app", WORKFLOW.replace("NAME", f"{name}/app").replace("SIZE", str(len(PASSWORD))), (unset,))
    told = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "secret", "set", "prod", "-", "--account", line.account],
        cwd=PROJECT,
        env=stage.environment,
        input=json.dumps({"PASSWORD": PASSWORD, "KEY": KEY}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return line


def _assert_masked(text: str) -> None:
    core = b64encode(PASSWORD.encode()).decode().rstrip("=")[:-1]
    for form in (PASSWORD, core, *(each for each in KEY.splitlines() if each)):
        assert form not in text
    assert "it was the real one" in text


def test_secrets_are_masked_by_lines_in_base64_and_when_written_letter_by_letter(on_sqlite: Stage) -> None:
    line = _leaking(on_sqlite, "masks")
    line.push()
    view = line.ended("leak")
    assert view.run.status is Status.SUCCEEDED, line.log("leak")
    _assert_masked(line.log("leak"))
    assert "*** letter by letter" in line.log("leak")
    with urllib.request.urlopen(f"{on_sqlite.settings.url}/runs/{view.key}/log", timeout=10) as page:
        _assert_masked(page.read().decode())
    for path in (on_sqlite.settings.data_dir / "work").rglob("*"):
        assert PASSWORD not in (path.read_text(errors="replace") if path.is_file() else "")


def test_secrets_outlive_a_change_of_keys(unconfined: Stage, tmp_path: Path) -> None:
    old, new = unconfined.settings.data_dir.joinpath("secret.key").read_text().strip(), "a-newer-key"
    line = _leaking(unconfined, "rotation")
    unconfined.stop()
    unconfined.start(secret_key=f"{new},{old}")
    line.push()
    assert line.ended("leak").run.status is Status.SUCCEEDED, "an old secret is read with the older key"
    said = unconfined.cli("secret", "rotate")
    assert "1" in said
    with pytest.raises(Exception, match="cannot be decrypted"):
        _reveal(unconfined, line, old)
    assert _reveal(unconfined, line, new) == PASSWORD


def _reveal(stage: Stage, line: Line, key: str) -> str:
    store = Store(stage.settings.database, stage.settings.data_dir, (key,))
    try:
        return store.reveal(line.account, "prod", f"github:{line.full_name}@main", gated=False)["PASSWORD"]
    finally:
        store.close()
