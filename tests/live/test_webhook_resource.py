"""A webhook resource over HTTP: whoever has its key starts jobs with it."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request

from app.workflow.line import Status
from tests.live.stage import Stage

WORKFLOW = """
    resources:
      - name: call
        type: webhook
        versionTemplate: {webhookKey: the-key}
    jobs:
      - name: answer
        type: runSh
        steps:
          - IN: call
          - TASK: [{script: cat "$CALL_PATH/version.json"}]
    """


def _post(stage: Stage, account: str, key: str) -> int:
    credentials = base64.b64encode(f"call:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{stage.settings.url}/hooks/resource/{account}/call", b'{"tag": "1.2"}', headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_post_with_the_key_starts_the_job_and_one_without_does_not(stage: Stage) -> None:
    line = stage.add("webhook/app", WORKFLOW)
    assert _post(stage, line.account, "another") == 401
    assert _post(stage, line.account, "the-key") == 200
    assert line.ended("answer").run.status is Status.SUCCEEDED
    assert '"tag": "1.2"' in line.log("answer").replace('"tag":"1.2"', '"tag": "1.2"')
    assert line.run("answer", 2) is None
