"""Sources, secrets, tokens, and the local forge's people, repositories and pull requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adopt import adopt
from app.forges.local import actions
from app.workflow.events import PullRequestChanged
from tests.cli.machine import ACCOUNT, SOURCE, WORKFLOW, Machine, a_machine
from tests.forges.local.world import Listener

# -- sources -------------------------------------------------------------------------------------------------------------------


def test_adding_shows_the_checks_and_what_would_run_and_runs_nothing(machine: Machine) -> None:
    machine.types("user", "add", "alice", "write")
    machine.types("repo", "create", "acme/app")
    sha = machine.world.commit("acme/app", "main", {"gateline.yml": WORKFLOW})
    done = machine.types("source", "add", "local:acme/app")
    assert done.exit_code == 0
    said = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in said[:5]] == ["✓ permissions", "✓ webhook", "✓ workflow files", "✓ base URL", "✓ clock"]
    assert [line.split() for line in said[5:8]] == [
        ["JOB", "TYPE", "STARTED", "BY", "GATE"],
        ["build", "runSh", "app", "(gitRepo", "acme/app)"],
        ["deploy", "runSh", "build", "alice"],
    ]
    assert said[8].startswith(f"Added {SOURCE}. acme/app: adopted at {sha[:12]}")
    assert machine.store.runs(ACCOUNT) == ()


def test_adding_as_json(machine: Machine) -> None:
    machine.types("repo", "create", "acme/app")
    told = machine.json("source", "add", "local:acme/app")
    assert (told["source"], told["added"], told["jobs"]) == (SOURCE, True, [])
    assert all(check["fine"] for check in told["checks"])


def test_a_source_with_errors_is_not_added_unless_somebody_says_so(machine: Machine) -> None:
    machine.types("repo", "create", "acme/app")
    machine.world.commit("acme/app", "main", {"gateline.yml": b"jobs: [broken"})
    done = machine.types("source", "add", "local:acme/app")
    assert (done.exit_code, machine.store.sources()) == (1, ())
    assert "✗ workflow files" in done.stdout
    assert "to do: mend them and push" in done.stdout
    assert done.stdout.splitlines()[-1] == "Not added: mend what is marked ✗, or say --yes."
    assert machine.types("source", "add", "local:acme/app", "--yes").exit_code == 0
    assert len(machine.store.sources()) == 1
    assert machine.types("show", "--problems").exit_code == 1


def test_a_missing_local_repository_is_answered_with_how_to_make_it(machine: Machine) -> None:
    done = machine.types("source", "add", "local:acme/app@main")
    assert done.exit_code == 1
    hint = "make it with `gateline repo create acme/app`."
    assert done.stderr == f"Error: there is no repository acme/app on this instance: {hint}\n"


@pytest.mark.parametrize("spec", ["acme/app", "gitlab:acme/app", "local:acme"])
def test_what_names_no_repository_is_refused(machine: Machine, spec: str) -> None:
    assert machine.types("source", "add", spec).exit_code == 1


def test_adding_twice_says_so(line: Machine) -> None:
    done = line.types("source", "add", "local:acme/app")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, f"{SOURCE} is a source already")


def test_list_and_remove(line: Machine) -> None:
    line.types("secret", "set", "aws", "key=1")
    assert [each["key"] for each in line.json("source", "list")] == [SOURCE]
    assert line.types("source", "list").stdout.splitlines()[1].split()[::3] == [SOURCE, "fine"]
    removed = line.types("source", "remove", "local:acme/app")
    assert removed.stdout == f"Removed {SOURCE}.\nThe secret aws was only for it and stays: gateline secret remove aws\n"
    assert line.store.sources() == ()
    again = line.types("source", "remove", "local:acme/app")
    assert (again.exit_code, again.stderr) == (1, "Error: local:acme/app is no source; sources are: none.\n")


# -- secrets -------------------------------------------------------------------------------------------------------------------


def test_a_secret_from_words_a_file_and_standard_input(line: Machine, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    done = line.types("secret", "set", "db", "user=me", f"password=@{tmp_path / 'password'}", "-", answers='{"host": "db.example"}')
    assert (done.exit_code, done.stdout) == (0, f"Set db (user, password, host), visible to {SOURCE}.\n")
    assert line.store.reveal(ACCOUNT, "db", SOURCE, False) == {"user": "me", "password": "s3cret", "host": "db.example"}


def test_a_file_of_several_lines_is_a_secret_to_the_last_byte(line: Machine, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN KEY-----\nabc\n-----END KEY-----\n")
    line.types("secret", "set", "deploy", f"privateKey=@{tmp_path / 'key'}", "--type", "sshKey")
    assert line.store.reveal(ACCOUNT, "deploy", SOURCE, False) == {"privateKey": (tmp_path / "key").read_text()}


def test_a_secret_has_the_fields_of_its_type_by_whatever_name_and_lists_item_by_item(line: Machine) -> None:
    done = line.types("secret", "set", "aws", "aws_access_key_id=AKIA", "AWS_SECRET_ACCESS_KEY=s3cret", "--type", "ecr")
    assert done.stdout == f"Set aws (accessKey, secretKey), visible to {SOURCE}.\n"
    (row,) = line.store.secret_rows(ACCOUNT)
    assert row.type == "amazonKeys"
    line.types(
        "secret",
        "set",
        "vms",
        "-",
        "--type",
        "nodeCluster",
        answers='{"nodes": ["10.0.0.1", "10.0.0.2"], "publicKey": "p", "privateKey": "k"}',
    )
    values = line.store.reveal(ACCOUNT, "vms", SOURCE, False)
    assert (values["nodes"], values["nodes_0"], values["nodes_1"]) == ('"10.0.0.1","10.0.0.2"', "10.0.0.1", "10.0.0.2")


@pytest.mark.parametrize(
    ("type", "values", "said"),
    [
        ("amazonKey", ("a=hush",), "'amazonKey' is no type of integration; did you mean amazonKeys?"),
        ("jenkins", ("a=hush",), "it posts to an externalCI job"),
        ("amazonKeys", ("accessKey=a", "secretkeys=hush"), "it has no field secretkeys; did you mean secretKey?; secretKey is missing"),
        ("pemKey", ("key=", "user=hush"), "it has no field user; its fields are key; key is missing"),
        ("slackKey", ("channel=hush",), "webhookUrl or token is missing"),
    ],
)
def test_what_is_missing_or_unknown_is_said_and_no_value(line: Machine, type: str, values: tuple[str, ...], said: str) -> None:
    done = line.types("secret", "set", "x", *values, "--type", type)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert "hush" not in done.output
    assert line.store.secret_rows(ACCOUNT) == ()


def test_a_secret_that_is_named_somewhere_is_not_removed_and_its_users_are_told(line: Machine) -> None:
    line.types("secret", "set", "keys", "a=b")
    text = WORKFLOW.replace(b"    type: runSh\n    steps", b"    type: runSh\n    integrations: [keys]\n    steps")
    line.world.commit("acme/app", "main", {"gateline.yml": text})
    adopt(line.context, line.store.sources()[0])
    done = line.types("secret", "remove", "keys")
    assert (done.exit_code, done.stderr) == (1, "Error: keys is still used by job build: take it out of their files first.\n")


def test_values_are_never_shown_again(line: Machine) -> None:
    set_ = line.types("secret", "set", "db", "password=s3cret", "--gated")
    listed = line.types("secret", "list")
    assert listed.stdout.splitlines()[1].split() == ["db", "keyValuePair", "password", SOURCE, "yes"]
    assert line.json("secret", "list")[0]["gated"] is True
    kept = line.types("audit", "--json").stdout
    assert "s3cret" not in set_.output + listed.output + kept
    assert "secret set" in kept


@pytest.mark.parametrize("value", ["password", "=x", "password=@/nonexistent", "-"])
def test_a_value_that_cannot_be_read_is_wrong_usage(line: Machine, value: str) -> None:
    assert line.types("secret", "set", "db", value, answers="[]").exit_code == 2
    assert line.store.secret_rows(ACCOUNT) == ()


def test_with_several_sources_it_must_be_said_who_sees_it(line: Machine) -> None:
    line.types("repo", "create", "acme/infra")
    line.types("source", "add", "local:acme/infra")
    refused = line.types("secret", "set", "db", "a=b")
    sources = f"{SOURCE}, local:acme/infra@main"
    assert (refused.exit_code, refused.stderr) == (1, f"Error: Say who may see it with --source: {sources}.\n")
    assert line.types("secret", "set", "db", "a=b", "--source", "local:acme/infra").exit_code == 0
    assert [row.sources for row in line.store.secret_rows(ACCOUNT)] == [("local:acme/infra@main",)]
    unknown = line.types("secret", "set", "db", "a=b", "--source", "local:acme/elsewhere")
    assert (unknown.exit_code, "is no source of local:acme" in unknown.stderr) == (1, True)


def test_rotate_and_remove(line: Machine) -> None:
    line.types("secret", "set", "db", "a=b")
    assert line.types("secret", "rotate").stdout == "1 secret encrypted with the newest key: older ones may be taken away.\n"
    assert line.types("secret", "remove", "db").exit_code == 0
    assert line.types("secret", "remove", "db").exit_code == 1


# -- tokens --------------------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_works_until_it_is_revoked(line: Machine) -> None:
    told = line.json("token", "create", "--as", "alice", "--scope", "write", "--days", "2")
    token = line.store.check_token(told["token"])
    assert token is not None
    assert (token.actor.login, token.scopes, token.admin, token.expires) == ("alice", ("write",), False, line.clock() + 2 * 86_400)
    assert told["token"] not in line.types("token", "list").stdout
    assert line.types("token", "list").stdout.splitlines()[1].split()[:4] == ["1", ACCOUNT, "alice", "write"]
    assert line.types("token", "revoke", "1").exit_code == 0
    assert line.store.check_token(told["token"]) is None
    assert line.types("token", "revoke", "1").exit_code == 1


def test_a_token_is_bound_to_somebody_whom_the_forge_knows(line: Machine) -> None:
    assert line.types("token", "create", "--as", "nobody").exit_code == 1
    assert line.types("token", "create").exit_code == 2


def test_only_scope_admin_makes_an_administrators_token(line: Machine) -> None:
    assert line.types("token", "create", "--as", "alice", "--scope", "admin").exit_code == 0
    assert [each["admin"] for each in line.json("token", "list")] == [True]


# -- the local forge -----------------------------------------------------------------------------------------------------------


def test_people_and_repositories(machine: Machine) -> None:
    assert machine.types("user", "add", "carol", "write").stdout == "carol has write access.\n"
    assert machine.types("user", "add", "carol", "chief").exit_code == 2
    assert machine.types("user", "list").stdout.splitlines()[1].split() == ["carol", "write", "local:1"]
    made = machine.json("repo", "create", "acme/vault", "--private")
    assert (made["name"], made["private"], made["branch"]) == ("acme/vault", True, "main")
    assert [each["url"] for each in machine.json("repo", "list")] == [made["url"]]
    assert machine.types("repo", "create", "acme/vault").exit_code == 1


def test_a_pull_request_from_open_to_merge(line: Machine, listener: Listener) -> None:
    head = line.push("topic", "A better shop")
    opened = line.types("pr", "open", "acme/app", "topic", "--as", "wendy")
    assert (opened.exit_code, opened.stdout) == (0, "Opened acme/app#1: A better shop (topic -> main)\n")
    (event,) = listener.parsed(line.world.forge)
    assert isinstance(event, PullRequestChanged)
    assert (event.action, event.head.sha) == ("opened", head)
    assert line.types("pr", "list", "acme/app").stdout.splitlines()[1].split() == [
        *("#1", "A", "better", "shop", "topic", "->", "main", "wendy", head[:12])
    ]
    assert line.types("pr", "merge", "acme/app#1", "--as", "rita").exit_code == 1
    assert line.types("pr", "merge", "acme/app#1", "--as", "wendy").exit_code == 0
    assert line.types("pr", "list", "acme/app").stdout == "No open pull requests in acme/app.\n"
    closed = line.types("pr", "close", "acme/app#1")
    assert (closed.exit_code, closed.stderr) == (1, "Error: pull request 1 is merged already\n")


@pytest.mark.parametrize("place", ["acme/app", "#1", "acme/app@main", "acme/app#one"])
def test_a_place_that_is_none_is_wrong_usage(line: Machine, place: str) -> None:
    assert line.types("comment", place, "hello", "--as", "rita").exit_code == 2


def test_what_nobody_heard_of_is_said(line: Machine) -> None:
    line.push("topic")
    alone = a_machine(line.store, line.context.settings.data_dir, line.clock, "http://127.0.0.1:9/hooks/local")
    done = alone.types("pr", "open", "acme/app", "topic", "--as", "wendy")
    assert done.exit_code == 1
    assert "done, but Gateline did not hear of it" in done.stderr
    assert len(actions.list_pull_requests(line.world.forge, "acme/app")) == 1


# -- errands -------------------------------------------------------------------------------------------------------------------


def test_redo_makes_a_failed_errand_due(line: Machine) -> None:
    claimed = line.fail("reply", "GitHub says no")
    done = line.types("redo", str(claimed.id))
    assert (done.exit_code, done.stdout) == (0, f"Due again now: {claimed.id} (reply).\n")
    assert line.store.stuck() == ()
    assert line.types("redo", "--all").stdout == "Nothing is to be done again.\n"
    assert line.types("redo", "4711").exit_code == 1
    assert line.types("redo").exit_code == 2
