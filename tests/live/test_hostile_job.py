"""A job that looks for everything it must not see: in the sandbox it finds nothing; without one the same job finds it all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from app.workflow.line import Status
from tests.live.stage import PROJECT, Line, Stage
from tests.live.waiting import PATIENCE

WORKFLOW = """
    resources:
      - name: app
        type: gitRepo
        versionTemplate: {{sourceName: {name}, branch: main}}
    jobs:
      - name: hostile
        type: runSh
        runtime: {{timeoutMinutes: 5}}
        steps:
          - IN: app
          - TASK: [{{script: cd "$APP_STATE" && bash hostile.sh}}]
    """

SCRIPT = r"""
exec 2> /dev/null
canary="canary-$1"                      # put together here, so that this script is not itself what it finds
data=$2
echo "$canary" > decoy                  # what may be found, so that nothing found means something
for place in "$data" "$data/gateline.db" "$data/secret.key" "$data/valkey.sock" "$data/mirrors" "$3"; do
  test ! -e "$place" || echo "FOUND $place"
done
find / \( -path /proc -o -path /sys -o -path /usr \) -prune -o -type f -mmin -5 -size -64k -print0 |
  xargs -0 -r grep -lsF -- "$canary" | sed 's/^/FOUND /'
find / \( -path /proc -o -path /sys \) -prune -o \( -name gateline.db -o -name secret.key -o -name valkey.sock \) -print |
  sed 's/^/FOUND /'
for process in /proc/[0-9]*; do
  tr '\0' '\n' < "$process/environ" | grep -qF -- "$canary" && echo "FOUND the environment of another process"
  tr '\0' ' ' < "$process/cmdline" | grep -q "app.cli.main" && echo "FOUND a process of the service"
done
env | grep -i -e '^GATELINE_.*\(TOKEN\|SECRET\|KEY\|URL\)' -e ghp_ -e xoxb | sed 's/^/FOUND /'
ask() {                                 # a machine without a metadata service may have something that answers for every address
  timeout 3 bash -c 'exec 3<> "/dev/tcp/$0/80" && echo open && printf "GET / HTTP/1.0\r\n\r\n" >&3 && grep -vi "^date:" <&3' "$1"
}
test "$(ask 169.254.169.254)" = "$(ask 198.51.100.1)" || echo "FOUND the metadata service"
echo "looked everywhere"
"""


def _run_hostile(stage: Stage, account: str) -> tuple[Line, list[str]]:
    """What the hostile job finds on a stage where canaries are planted."""
    mark = uuid.uuid4().hex
    planted = stage.settings.data_dir / "planted"
    planted.mkdir(exist_ok=True)
    planted.joinpath("canary.txt").write_text(f"canary-{mark}")
    sleeper = subprocess.Popen(["sleep", "1000"], env={**os.environ, "PLANTED": f"canary-{mark}"})
    try:
        call = f"set -- {mark} {stage.settings.data_dir.absolute()} {stage.github.world.folder}\n"
        line = stage.add(f"{account}/app", WORKFLOW.format(name=f"{account}/app"))
        line.push(files={"hostile.sh": call + SCRIPT})
        run = line.ended("hostile", within=2 * PATIENCE).run
    finally:
        sleeper.kill()
        sleeper.wait()
    log = line.log("hostile")
    assert run.status is Status.SUCCEEDED, log
    assert "looked everywhere" in log
    return line, [found for each in log.splitlines() if (found := each.partition(" FOUND ")[2])]


def test_a_hostile_job_finds_none_of_the_canaries_in_the_sandbox(on_sqlite: Stage) -> None:
    if leak := on_sqlite.context.executors["local"].isolated():
        pytest.skip(leak)
    _, found = _run_hostile(on_sqlite, "hostile")
    assert len(found) == 1
    assert found[0].endswith("/decoy")


def test_without_the_sandbox_the_same_job_finds_them(unconfined: Stage) -> None:
    """Otherwise the test above would prove nothing."""
    _, found = _run_hostile(unconfined, "hostile-open")
    data = str(unconfined.settings.data_dir.absolute())
    assert {data, f"{data}/gateline.db", f"{data}/planted/canary.txt"} <= set(found)
    assert {"the environment of another process", "a process of the service"} <= set(found)


def _network_of_its_own() -> tuple[str, ...]:
    """The command that gives a process one, empty where this machine does not allow it."""
    for command in (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net")):
        try:
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
        except FileNotFoundError:
            return ()
    return ()


def test_where_a_metadata_service_answers_lanes_other_than_main_are_refused(tmp_path: Path) -> None:
    own_network = _network_of_its_own()
    if not own_network:
        pytest.skip("this machine gives no process a network of its own (unshare), so 169.254.169.254 cannot be put anywhere")
    done = subprocess.run(
        [*own_network, sys.executable, "-m", "tests.live.metadata", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["main"] == ["succeeded", ""]
    status, reason = told["pull request"]
    assert status == "errored"
    assert reason.startswith("runs outside main are refused on this machine: The cloud's metadata address 169.254.169.254 answers")
