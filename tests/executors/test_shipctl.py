"""shipctl: each command of spec/workflow-language.md section 6 against its row, under every POSIX shell that there is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import app.executors

PROGRAM = Path(app.executors.__file__).parent / "shipctl"
PATH = "/usr/local/bin:/usr/bin:/bin"
FOLDERS = {"JOB_PATH": "", "JOB_STATE": "state", "JOB_PREVIOUS_STATE": "previousState", "JOB_INTEGRATIONS": "integrations"}


@dataclass
class Desk:
    """A job's folders and variables, and shipctl by one shell."""

    shell: list[str]
    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.shell, str(PROGRAM), *arguments], env=self.env, cwd=self.root, capture_output=True, text=True, check=False
        )

    def says(self, *arguments: str) -> str:
        done = self(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def write(self, path: str, content: object) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_text()


def program(name: str) -> str:
    """The path of a program that some of these tests need."""
    if found := shutil.which(name):
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is not installed: apt-get install {name}")
    pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="session")
def busybox_only(tmp_path_factory):
    """A folder of programs that are all busybox's, but for git, openssl and curl, which it has not."""
    folder = tmp_path_factory.mktemp("busybox")
    busybox = program("busybox")
    for name in subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split():
        (folder / name).symlink_to(busybox)
    for name in ("git", "openssl", "curl"):
        (folder / name).symlink_to(program(name))
    return folder


@pytest.fixture(params=["bash --posix", "dash", "busybox"])
def desk(request, tmp_path):
    if request.param == "busybox":
        tools = request.getfixturevalue("busybox_only")
        desk = Desk([str(tools / "sh")], tmp_path, {"PATH": str(tools)})
    else:
        shell, *options = request.param.split()
        desk = Desk([program(shell), *options], tmp_path, {"PATH": PATH})
    if request.param == "dash" and shutil.which("mawk"):
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/awk").symlink_to(shutil.which("mawk"))
        desk.env["PATH"] = f"{tmp_path}/bin:{PATH}"
    for name, folder in FOLDERS.items():
        (tmp_path / folder).mkdir(exist_ok=True)
        desk.env[name] = str(tmp_path / folder)
    desk.env["JOB_NAME"] = "build"
    return desk


def hold(desk: Desk, operation: str, name: str, type_: str, bag: object, label: object = None, yml: object = None) -> None:
    """A resource of the job: its version.json, and the variables that say where it is."""
    version = {"versionId": 31, "versionNumber": 4, "versionName": label, "propertyBag": bag}
    desk.write(f"{operation}/{name}/version.json", {"name": name, "type": type_, "propertyBag": {"yml": yml or {}}, "version": version})
    (desk.root / operation / name / type_).mkdir(exist_ok=True)
    upper = name.upper().replace("-", "")
    folder = desk.root / operation / name
    desk.env |= {f"{upper}_META": str(folder), f"{upper}_TYPE": type_, f"{upper}_STATE": str(folder / type_)}


def version(desk: Desk, path: str) -> dict:
    return json.loads(desk.read(path))["version"]


def test_the_name_of_a_resource_is_that_of_its_variables(desk):
    assert desk.says("get_resource_name", "1-my_app.x 2") == "MY_APPX2\n"
    assert desk.says("get_resource_name", "my-key-1") == "MYKEY1\n"
    assert desk.says("get_resource_name", "1-a_b") == "A_B\n"


@pytest.mark.parametrize(
    ("command", "suffix"),
    [
        ("get_resource_id", "ID"),
        ("get_resource_type", "TYPE"),
        ("get_resource_operation", "OPERATION"),
        ("get_resource_state", "STATE"),
        ("get_resource_path", "STATE"),
        ("get_resource_meta", "META"),
        ("get_resource_version_id", "VERSIONID"),
        ("get_resource_version_name", "VERSIONNAME"),
        ("get_resource_version_number", "VERSIONNUMBER"),
    ],
)
def test_a_getter_prints_its_variable(desk, command, suffix):
    desk.env[f"MYAPP_{suffix}"] = "a  $b \\n `c`"
    assert desk.says(command, "my-app") == "a  $b \\n `c`\n"


def test_getters_of_fields_and_params(desk):
    desk.env |= {"MYAPP_SOURCENAME": "acme/app", "MYAPP_PARAMS_DBHOST": "h", "MYAPP_INTEGRATION_ACCESSKEY": "k"}
    assert desk.says("get_resource_env", "my-app", "sourceName") == "acme/app\n"
    assert desk.says("get_params_resource", "my-app", "db-host") == "h\n"
    for spelled in ("accessKey", "ACCESSKEY", "accesskey", "accessKeyId"):
        assert desk.says("get_integration_resource_field", "my-app", spelled) == "k\n"
        assert desk.says("get_integration_field", "my-app", spelled) == "k\n"


@pytest.mark.parametrize(
    "arguments", [("get_resource_id", "gone"), ("get_integration_resource_field", "gone", "x"), ("get_params_resource", "gone", "k")]
)
def test_what_is_not_set_is_a_missing_prerequisite(desk, arguments):
    done = desk(*arguments)
    assert done.returncode == 99
    assert "is not set" in done.stderr


def test_a_name_is_never_evaluated(desk):
    done = desk("get_resource_env", "a", "b$(touch evil)")
    assert done.returncode == 99
    assert not (desk.root / "evil").exists()


def test_integration_files(desk):
    fields = {"url": "http://x", "token": 'a"b'}
    desk.env |= {"KEY_META": str(desk.root / "IN/key"), "KEY_INTEGRATION_TOKEN": 'a"b'}
    desk.write("IN/key/integration.json", fields)
    desk.write("integrations/slack one/integration.json", fields)
    assert json.loads(desk.says("get_integration_resource", "key")) == fields
    assert desk.says("get_integration_resource", "key", "token") == 'a"b\n'
    assert desk.says("get_integration_resource_keys", "key") == "url\ntoken\n"
    assert desk.says("get_integration_keys", "slack one") == "url\ntoken\n"


BAG = {
    "params": {"K": "v", "n": None, "deep": {"er": [1, {"z": "q"}]}},
    "text": 'quote " backslash \\ slash / tab\t line\nend',
    "unicode": "é😀\u2028",
    "number": -1.5e10,
    "yes": True,
    "empty": "",
    "object": {},
    "with space": "s",
    "a.b": "dotted",
}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("versionName", "v 1"),
        ("versionId", "31"),
        ("versionNumber", "4"),
        ("params.K", "v"),
        ("params.n", "null"),
        ("params.none", "null"),
        ("none.at.all", "null"),
        ("params.deep.er[1].z", "q"),
        ("params.deep.er.0", "1"),
        ("params.deep", '{"er": [1, {"z": "q"}]}'),
        ("text", 'quote " backslash \\ slash / tab\t line\nend'),
        ("unicode", "é😀\u2028"),
        ("number", "-15000000000.0"),
        ("yes", "true"),
        ("empty", ""),
        ("object", "{}"),
        ("with space", "s"),
    ],
)
def test_version_keys_are_read_from_json(desk, key, value, ascii_only):
    hold(desk, "IN", "app", "params", BAG, "v 1")
    content = json.loads(desk.read("IN/app/version.json"))
    desk.write("IN/app/version.json", json.dumps(content, ensure_ascii=ascii_only, indent=2))
    said = desk.says("get_resource_version_key", "app", key)
    assert json.loads(said) == json.loads(value) if value.startswith("{") else said == f"{value}\n"


@pytest.mark.parametrize("broken", ["", "{", '{"a"}', '{"a": 1,}', "[1 2]", '{"a": "x}', "{} {}", "[" * 300 + "]" * 300, '{"a": nope}'])
def test_broken_json_is_said(desk, broken):
    desk.write("f.json", broken)
    done = desk("get_json_value", "f.json", "a")
    assert done.returncode == 99
    assert "f.json is no valid JSON" in done.stderr


def test_any_json_file_can_be_asked(desk):
    desk.write("f.json", {"a": {"b": "x"}})
    assert desk.says("get_json_value", "f.json", ".a.b") == "x\n"
    assert desk("get_json_value", "none.json", "a").returncode == 99


def test_pointer_keys_of_both_syntaxes(desk):
    hold(desk, "IN", "old", "image", {}, yml={"pointer": {"sourceName": "a"}})
    hold(desk, "IN", "new", "image", {}, yml={"versionTemplate": {"sourceName": "b"}})
    assert desk.says("get_resource_pointer_key", "old", "sourceName") == "a\n"
    assert desk.says("get_resource_pointer_key", "new", "sourceName") == "b\n"
    assert desk.says("get_resource_pointer_key", "new", "none") == "null\n"


def test_state_keys_are_posted_and_put(desk):
    desk.says("post_resource_state", "app", "A", "1")
    desk.says("put_resource_state", "app", "B", "x=y z")
    assert desk.read("state/app.env") == "A=1\nB=x=y z\n"
    desk.says("post_resource_state_multi", "app", "C=3  D='a b'")
    desk.says("put_resource_state_multi", "app", 'E="f g" H=1')
    assert desk.read("state/app.env") == "C=3\nD='a b'\nE=\"f g\"\nH=1\n"
    assert desk("put_resource_state", "app", "A", "two\nlines").returncode == 99


def test_a_quoted_value_comes_back_quoted(desk):
    from app.executors._collect import parse_env

    for value in ('"q"', "'q'", '"a\\b$c`d"'):
        desk.says("post_resource_state", "app", "A", value)
        assert parse_env(desk.read("state/app.env")) == [("A", value)]


def test_without_a_jobs_folders_nothing_is_written(desk):
    del desk.env["JOB_STATE"]
    done = desk("post_resource_state", "app", "A", "1")
    assert done.returncode == 99
    assert "JOB_STATE" in done.stderr


def test_files_go_to_the_jobs_state(desk):
    desk.write("d/x", "1")
    desk.write("f", "2")
    desk.says("copy_file_to_state", "d")
    desk.says("copy_file_to_state", "f")
    assert (desk.read("state/d/x"), desk.read("state/f")) == ("1", "2")
    assert desk("copy_file_to_state", "none").returncode == 99


def test_files_come_from_the_previous_state(desk):
    desk.write("previousState/f", "old")
    desk.says("copy_file_from_prev_state", "f", "here")
    assert desk.read("here") == "old"
    assert "not there" in desk.says("copy_file_from_prev_state", "none", "there")


def test_a_file_is_refreshed_from_the_previous_state_only_if_it_is_not_there(desk):
    desk.write("previousState/f", "old")
    desk.says("refresh_file_to_state", "sub/f")
    assert desk.read("state/f") == "old"
    desk.write("sub/f", "new")
    desk.says("refresh_file_to_state", "sub/f")
    assert desk.read("state/f") == "new"
    assert "nothing is copied" in desk.says("refresh_file_to_state", "none")


@pytest.mark.parametrize("command", ["copy_file_to_resource_state", "refresh_file_to_out_path"])
def test_files_go_to_a_state_resource(desk, command):
    desk.write("IN/store/state/f", "old")
    desk.says(command, "f", "store")
    assert desk.read("OUT/store/state/f") == "old"
    desk.write("f", "new")
    desk.says(command, "f", "store")
    assert desk.read("OUT/store/state/f") == "new"
    assert "nothing is copied" in desk.says(command, "none", "store")


@pytest.mark.parametrize("command", ["copy_file_from_resource_state", "copy_resource_file_from_state"])
def test_files_come_from_a_state_resource_or_a_job(desk, command):
    hold(desk, "IN", "upstream", "runSh", {})
    desk.write("IN/upstream/runSh/f", "theirs")
    desk.says(command, "upstream", "f", "here")
    assert desk.read("here") == "theirs"
    assert "not there" in desk.says(command, "upstream", "none", "there")


def test_replicate_copies_files_and_the_bag(desk):
    hold(desk, "IN", "a", "state", {"k": {"x": [1]}, "u": "é\\"}, "one")
    hold(desk, "OUT", "b", "state", {"old": 1}, "zero")
    desk.write("IN/a/state/d/f", "1")
    desk.says("replicate", "a", "b")
    assert desk.read("OUT/b/state/d/f") == "1"
    found = version(desk, "OUT/b/version.json")
    assert found["propertyBag"] == {"k": {"x": [1]}, "u": "é\\"}
    assert (found["versionId"], found["versionNumber"], found["versionName"]) == (31, 4, "one")


@pytest.mark.parametrize(("flag", "files", "bag"), [("--files-only", True, {"old": 1}), ("--metadata-only", False, {"new": 1})])
def test_replicate_copies_only_what_is_asked(desk, flag, files, bag):
    hold(desk, "IN", "a", "state", {"new": 1})
    hold(desk, "OUT", "b", "state", {"old": 1})
    desk.write("IN/a/state/f", "1")
    desk.says("replicate", "a", "b", flag)
    assert (desk.root / "OUT/b/state/f").exists() is files
    assert version(desk, "OUT/b/version.json")["propertyBag"] == bag


def test_replicate_to_the_job_itself(desk):
    hold(desk, "IN", "a", "runSh", {"k": 1}, "one")
    desk.write("IN/a/runSh/f", "1")
    desk.says("replicate", "a", "build")
    assert desk.read("state/f") == "1"
    assert json.loads(desk.read("state/outputVersion.json")) == {"versionName": "one", "propertyBag": {"k": 1}}


def test_replicate_between_repositories_keeps_the_outs_settings(desk):
    hold(desk, "IN", "a", "gitRepo", {"sourceName": "acme/a", "branch": "x", "sha": "111"}, "111")
    hold(desk, "OUT", "b", "syncRepo", {"sourceName": "acme/b", "branch": "main", "sha": "000"}, "000")
    desk.write("IN/a/gitRepo/f", "1")
    desk.says("replicate", "a", "b")
    found = version(desk, "OUT/b/version.json")
    assert (found["versionName"], found["propertyBag"]) == ("111", {"sourceName": "acme/b", "branch": "main", "sha": "111"})
    assert list((desk.root / "OUT/b/syncRepo").iterdir()) == []


def test_replicate_webhook_data_only(desk):
    hold(desk, "IN", "a", "webhook", {"headers": {"h": 1}, "payload": {"p": 2}, "other": 3})
    hold(desk, "OUT", "b", "webhook", {"mine": 1})
    desk.says("replicate", "a", "b", "--webhook-data-only")
    assert version(desk, "OUT/b/version.json")["propertyBag"] == {"mine": 1, "headers": {"h": 1}, "payload": {"p": 2}}


@pytest.mark.parametrize(
    ("settings", "env", "taken"),
    [
        ({}, {"A_BRANCH": "x"}, True),
        ({"branch": "main"}, {"A_BRANCH": "main"}, True),
        ({"branch": "main"}, {"A_BRANCH": "x"}, False),
        ({"branches": {"only": ["rel-*", "main"]}}, {"A_BRANCH": "rel-1"}, True),
        ({"branches": {"only": ["rel-*", "main"]}}, {"A_BRANCH": "x"}, False),
        ({"branches": {"except": ["x*"]}}, {"A_BRANCH": "x1"}, False),
        ({"branches": {"except": "x*"}}, {"A_BRANCH": "x1"}, False),
        ({"branches": {"except": ["x*"]}}, {"A_BRANCH": "y"}, True),
        ({"tags": {"only": ["v1*"]}, "branch": "main"}, {"A_IS_GIT_TAG": "true", "A_GIT_TAG_NAME": "v1.2"}, True),
        ({"tags": {"only": ["v1*"]}}, {"A_IS_GIT_TAG": "true", "A_GIT_TAG_NAME": "v2"}, False),
        ({"branch": "main"}, {"A_IS_RELEASE": "true", "A_BRANCH": "x"}, True),
    ],
)
def test_replicate_match_settings_takes_what_the_outs_filters_take(desk, settings, env, taken):
    hold(desk, "IN", "a", "gitRepo", {"sha": "111"})
    hold(desk, "OUT", "b", "gitRepo", {"sha": "000", **settings})
    desk.env |= env
    desk.says("replicate", "a", "b", "--match-settings")
    assert version(desk, "OUT/b/version.json")["propertyBag"]["sha"] == ("111" if taken else "000")


def test_replicate_refuses(desk):
    hold(desk, "IN", "a", "image", {})
    hold(desk, "OUT", "p", "params", {})
    hold(desk, "OUT", "c", "ciRepo", {})
    for arguments in (("build", "p"), ("a", "p"), ("a", "c"), ("a", "none"), ("none", "p"), ("a", "p", "--what")):
        assert desk("replicate", *arguments).returncode == 99


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        ("1.0.0", "major", "2.0.0"),
        ("1.1.1", "minor", "1.2.0"),
        ("v1.0.1", "patch", "v1.0.2"),
        ("1.2.3-rc.4", "minor", "1.3.0"),
        ("1.0.0", "rc", "1.0.0-rc"),
        ("1.0.0-rc", "rc", "1.0.0-rc.1"),
        ("1.0.0-rc.1", "rc", "1.0.0-rc.2"),
        ("v1.0.0-rc.9", "alpha", "v1.0.0-alpha"),
        ("1.0.0-alpha", "beta", "1.0.0-beta"),
        ("4.0.0-rc.5", "final", "4.0.0"),
        ("4.0.0", "final", "4.0.0"),
    ],
)
def test_bump_version(desk, before, action, after):
    assert desk.says("bump_version", before, action) == f"{after}\n"


@pytest.mark.parametrize(
    ("before", "action"), [("1.0", "major"), ("x", "major"), ("1.0.0", "hotfix"), ("01.0.0", "minor"), ("1.0.0-x", "rc")]
)
def test_bump_version_refuses(desk, before, action):
    assert desk("bump_version", before, action).returncode == 99


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{one}_{what}": "a@b" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": PATH, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **who}
    return subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(desk):
    hold(desk, "IN", "app", "gitRepo", {})
    tree = desk.root / "IN/app/gitRepo"
    git(tree, "init", "-q", "-b", "main")
    for number, files in enumerate([("a",), ("web/css/x", "web/y", "top"), ("web/css/x2",)]):
        for name in files:
            desk.write(f"IN/app/gitRepo/{name}", str(number))
        git(tree, "add", ".")
        git(tree, "commit", "-qm", str(number))
    return tree


def test_get_git_changes_by_path_and_range(desk, repository):
    desk.env["SHIPPABLE_COMMIT_RANGE"] = "HEAD~2..HEAD"
    path = f"--path={repository}"
    assert desk.says("get_git_changes", path).split() == ["top", "web/css/x", "web/css/x2", "web/y"]
    assert desk.says("get_git_changes", path, "--commit-range=HEAD~1..HEAD").split() == ["web/css/x2"]
    assert desk.says("get_git_changes", path, "--directories-only").split() == ["web/css", "web"]
    assert desk.says("get_git_changes", path, "--depth=1").split() == ["top", "web"]
    assert desk.says("get_git_changes", path, "--depth=2").split() == ["css", "y"]


def test_get_git_changes_of_a_resource(desk, repository):
    desk.env["APP_COMMIT"] = git(repository, "rev-parse", "HEAD")
    assert desk.says("get_git_changes", "--resource=app").split() == ["web/css/x2"]
    hold_bag = json.loads(desk.read("IN/app/version.json"))
    hold_bag["version"]["propertyBag"]["before"] = git(repository, "rev-parse", "HEAD~2")
    desk.write("IN/app/version.json", hold_bag)
    assert len(desk.says("get_git_changes", "--resource=app").split()) == 4


def test_get_git_changes_of_a_pull_request(desk, repository):
    desk.env |= {"APP_COMMIT": git(repository, "rev-parse", "HEAD"), "APP_IS_PULL_REQUEST": "true", "APP_BASE_BRANCH": "main"}
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    assert desk.says("get_git_changes", "--resource=app").split() == ["web/css/x2"]


def test_get_git_changes_refuses(desk, repository):
    path = f"--path={repository}"
    for arguments in ((), ("--what",), (path, "--depth=x"), (path,), (path, "--commit-range=no..no")):
        assert desk("get_git_changes", *arguments).returncode == 99


def test_replace_puts_values_in(desk):
    desk.env |= {"A": "1&2\\n", "B_1": "b"}
    file = desk.write("f", "x $A ${B_1} $none ${none}.\n$5 $$ \\${A}\nend")
    file.chmod(0o755)
    other = desk.write("g", "$B_1\n")
    desk.says("replace", "f", "g")
    assert desk.read("f") == "x 1&2\\n b  .\n$5 $$ \\1&2\\n\nend"
    assert other.read_text() == "b\n"
    assert file.stat().st_mode & 0o777 == 0o755
    assert desk("replace", str(desk.root)).returncode == 82
    assert desk("replace", "none").returncode == 99


def test_retry_tries_three_times_and_gives_the_last_status(desk):
    done = desk("retry", "sh", "-c", "echo x >>tries; exit 7")
    assert (done.returncode, desk.read("tries")) == (7, "x\n" * 3)
    assert desk("retry", "sh", "-c", "test -e once || { touch once; exit 1; }").returncode == 0


@pytest.mark.parametrize(("name", "command"), [("shippable_retry", "retry"), ("shippable_replace", "replace")])
def test_two_commands_are_programs_of_their_own(desk, name, command):
    link = desk.root / name
    link.symlink_to(PROGRAM)
    file = desk.write("f", "$JOB_NAME\n")
    arguments = {"retry": ["sh", "-c", "echo x >>tries; exit 7"], "replace": ["f"]}[command]
    done = subprocess.run([*desk.shell, str(link), *arguments], env=desk.env, cwd=desk.root, check=False)
    assert done.returncode == {"retry": 7, "replace": 0}[command]
    assert desk.read("tries") == "x\n" * 3 if command == "retry" else file.read_text() == "build\n"
    assert subprocess.run([*desk.shell, str(link)], env=desk.env, capture_output=True, check=False).returncode == 99


REPORT = """<?xml version="1.0"?>
<testsuite name="all" time="99">
  <testcase classname="tests.test_slow.TestIt" name="one" time="5.5"/><testcase classname="tests.test_slow" name="two"
    time="4"></testcase>
  <testcase file="./tests/test_fast.py" name='three' time='0.5'/>
  <testcase classname="tests.test_middle" name="four" time="2"><failure>time="100"</failure></testcase>
</testsuite>
"""


def share(desk, number, count):
    desk.env |= {"SHIPPABLE_JOB_NUMBER": number, "SHIPPABLE_JOB_COUNT": str(count)}
    return desk.says("split_tests", "tests", "test_*.py", "reports").split()


def test_tests_are_dealt_out_slowest_first_then_unknown_ones(desk):
    for name in ("fast", "slow", "middle", "new", "newer"):
        desk.write(f"tests/test_{name}.py", "")
    desk.write("tests/conftest.py", "")
    desk.write("reports/junit/r.xml", REPORT)
    assert share(desk, "12.1", 1) == [f"tests/test_{name}.py" for name in ("slow", "middle", "fast", "new", "newer")]
    assert share(desk, "12.1", 2) == ["tests/test_slow.py", "tests/test_fast.py", "tests/test_newer.py"]
    assert share(desk, "12.2", 2) == ["tests/test_middle.py", "tests/test_new.py"]
    assert share(desk, "12.3", 6) == ["tests/test_fast.py"]
    assert share(desk, "12.6", 6) == []


def test_without_reports_tests_are_dealt_out_by_name(desk):
    for name in "cab":
        desk.write(f"tests/test_{name}.py", "")
    assert share(desk, "2", 2) == ["tests/test_b.py"]


def test_split_tests_refuses(desk):
    assert "SHIPPABLE_JOB_NUMBER is not set" in desk("split_tests", ".", "*", ".").stderr
    desk.env |= {"SHIPPABLE_JOB_NUMBER": "1.x", "SHIPPABLE_JOB_COUNT": "2"}
    assert desk("split_tests", ".", "*", ".").returncode == 99
    desk.env |= {"SHIPPABLE_JOB_NUMBER": "1.1"}
    assert desk("split_tests", "none", "*", ".").returncode == 99


def test_a_jdk_is_set_in_the_shell_that_reads_the_program(tmp_path):
    for home in ("java-11-openjdk-amd64", "java-1.8.0-openjdk", "jdk-17", "java-8-oracle", "java-7-openjdk"):
        java = tmp_path / home / "bin/java"
        java.parent.mkdir(parents=True)
        java.touch(0o644 if "-7-" in home else 0o755)
    source = 'source "$1" jdk set "$2"; code=$?; echo "$code ${JAVA_HOME##*/} ${PATH%%:*} $-"; compgen -v _shipctl'

    def told(name: str) -> str:
        argv = [program("bash"), "-c", source, "bash", str(PROGRAM), name]
        env = {"PATH": PATH, "SHIPCTL_JVM_FOLDER": str(tmp_path)}
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False).stdout.removesuffix("\n")

    assert told("openjdk11") == f"0 java-11-openjdk-amd64 {tmp_path}/java-11-openjdk-amd64/bin hBc"
    assert told("openjdk8").startswith("0 java-1.8.0-openjdk ")
    assert told("openjdk17").startswith("0 jdk-17 ")
    assert told("oraclejdk8").startswith("0 java-8-oracle ")
    for missing in ("openjdk9", "oraclejdk11", "openjdk7", "java"):
        assert told(missing).startswith("99  "), missing


def test_a_jdk_cannot_be_set_for_a_shell_that_does_not_read_the_program(desk):
    done = desk("jdk", "set", "openjdk11")
    assert (done.returncode, done.stderr) == (99, "shipctl: jdk works on the shell that reads it: source shipctl jdk set openjdk11\n")


def test_service_calls_the_machines_own_program(desk):
    assert desk("service", "start", "postgres").returncode == 99
    tool = desk.write("tools/shippable_service", '#!/bin/sh\necho "$@"\nexit 3\n')
    tool.chmod(0o755)
    desk.env["PATH"] = f"{tool.parent}:{desk.env['PATH']}"
    done = desk("service", "start", "postgres")
    assert (done.returncode, done.stdout) == (3, "start postgres\n")


def test_decrypt(desk):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    run = lambda *argv, **rest: subprocess.run(["openssl", *argv], cwd=desk.root, check=True, capture_output=True, **rest).stdout  # noqa: E731
    run("genrsa", "-out", "key.pem", "2048")
    run("rsa", "-in", "key.pem", "-pubout", "-out", "public.pem")
    blocks = [
        run("pkeyutl", "-encrypt", "-pubin", "-inkey", "public.pem", "-pkeyopt", "rsa_padding_mode:oaep", input=part)
        for part in (b"A=1\n" * 50, b"B=2\n")
    ]
    for options in (["-A"], []):
        desk.write("f", run("base64", *options, input=b"".join(blocks)).decode())
        desk.says("decrypt", "f", "key.pem")
        assert desk.read("f.decrypted") == "A=1\n" * 50 + "B=2\n"
    desk.env["SUBSCRIPTION_PRIVATE_KEY"] = str(desk.root / "key.pem")
    desk.says("decrypt", "f")
    assert desk("decrypt", "f", "none.pem").returncode == 100
    desk.write("junk", "AAAA")
    assert desk("decrypt", "junk").returncode == 99


def test_strings(desk):
    assert desk.says("sanitize_shippable_string", "a-b.c_1 é") == "abc_1\n"
    assert desk.says("to_uppercase", "aBc-1") == "ABC-1\n"


def test_an_unknown_command_lists_the_known_ones(desk):
    for arguments in (("notify_all",), ()):
        done = desk(*arguments)
        assert done.returncode == 99
        assert "\n  get_resource_version_key RESOURCE KEY\n" in done.stderr


def test_a_wrong_number_of_arguments_is_a_usage_error(desk):
    done = desk("get_resource_id")
    assert (done.returncode, done.stderr) == (99, "shipctl: usage: shipctl get_resource_id RESOURCE\n")
    assert desk("bump_version", "1.0.0", "major", "x").returncode == 99
    assert "COMMAND…" in desk("retry").stderr


TABLE = """
get_resource_name get_resource_id get_resource_type get_resource_operation get_resource_state get_resource_meta get_resource_path
get_resource_env
get_resource_version_id get_resource_version_name get_resource_version_number get_resource_version_key get_resource_pointer_key
get_params_resource get_integration_resource get_integration_resource_keys get_integration_resource_field get_integration_keys
get_integration_field post_resource_state put_resource_state post_resource_state_multi put_resource_state_multi copy_file_to_state
copy_file_from_prev_state refresh_file_to_state copy_file_to_resource_state refresh_file_to_out_path copy_file_from_resource_state
copy_resource_file_from_state replicate bump_version get_git_changes get_json_value decrypt replace retry notify sanitize_shippable_string
to_uppercase jdk split_tests service
"""
"""Every command of the table of section 6."""


def test_every_command_of_the_table_is_in_the_help_and_in_a_test():
    told = subprocess.run(["sh", str(PROGRAM)], capture_output=True, text=True, check=False).stderr
    offered = {line.split()[0]: line.strip() for line in told.splitlines() if line.startswith("  ")}
    assert sorted(offered) == sorted(TABLE.split())
    here = "".join(file.read_text() for file in Path(__file__).parent.glob("test_shipctl*.py")).replace(TABLE, "")
    named = {name for name in TABLE.split() if f'"{name}"' in here}
    by_suffix = {
        f"{stem}_{end}"
        for stem in ("get_resource", "get_resource_version")
        for end in ("id", "type", "operation", "name", "number", "meta")
    }
    assert set(TABLE.split()) - named - by_suffix == set()
