"""By a GitHub App: a token for each installation, kept until shortly before its end (spec/forges.md A4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from app.errors import NotFound, Permanent, Temporary
from app.forges import CommitState, Conversation
from app.forges.github import plugin
from app.forges.github.api import GithubApi, with_app
from app.workflow.line import Actor
from config.settings import Settings
from tests.fakes.github.happenings import encoded
from tests.fakes.github.server import GithubDouble

APP_ID = 29310


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def private_key(key: rsa.RSAPrivateKey) -> str:
    kind, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, no_password).decode()


@pytest.fixture
def github(tmp_path: Path, key: rsa.RSAPrivateKey) -> Iterator[GithubDouble]:
    """A double with the App `gateline`, not installed anywhere yet, and a repository of `acme` with a commit."""
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with GithubDouble(tmp_path / "github") as double:
        double.happen.app(APP_ID, public.decode())
        double.happen.repository("acme/app", private=True)
        double.happen.commit("acme/app", "main", encoded({"a": "1"}))
        yield double
        assert double.problems == []


@pytest.fixture
def forge(github: GithubDouble, private_key: str) -> GithubApi:
    return with_app(github.url, APP_ID, private_key)


def minted(github: GithubDouble) -> int:
    return sum(one.path.endswith("/access_tokens") for one in github.requests)


def test_one_token_serves_all_that_an_installation_may_see(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.install("acme")
    repository = forge.repository("acme/app").id
    tip = forge.tip(repository, "main")
    assert tip is not None
    forge.set_status(repository, tip.sha, "gateline/build", CommitState.SUCCESS, "fine", "")
    github.happen.person("alice")
    assert forge.person("alice") is not None
    assert minted(github) == 1


def test_each_account_has_a_token_of_its_own(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.repository("octo/lib", private=True)
    github.happen.install("acme")
    github.happen.install("octo")
    assert forge.repository("acme/app").full_name == "acme/app"
    assert forge.repository("octo/lib").full_name == "octo/lib"
    assert minted(github) == 2


def test_a_token_is_renewed_five_minutes_before_its_end(github: GithubDouble, private_key: str) -> None:
    github.happen.install("acme")
    later = [0.0]
    forge = with_app(github.url, APP_ID, private_key, now=lambda: github.world.clock() + later[0])
    forge.repository("acme/app")
    later[0] = 3600 - 310
    forge.repository("acme/app")
    assert minted(github) == 1
    later[0] = 3600 - 290
    forge.repository("acme/app")
    assert minted(github) == 2


def test_who_an_app_is(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.install("acme")
    assert forge.me() == Actor(f"github:{github.happen.person('gateline[bot]')}", "gateline[bot]", bot=True)


def test_comments_of_the_app_are_found_again(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.install("acme")
    sha = github.happen.commit("acme/app", "main", encoded({"a": "2"}))
    conversation = Conversation(forge.repository("acme/app").id, sha=sha)
    made = forge.create_comment(conversation, "<!-- m --> hello")
    assert made.author.bot
    assert forge.find_comment(conversation, "<!-- m -->") == made


def test_where_the_app_is_not_installed_it_says_so(github: GithubDouble, forge: GithubApi) -> None:
    with pytest.raises(NotFound, match="not installed on repos/acme/app"):
        forge.repository("acme/app")
    with pytest.raises(Permanent, match="installed nowhere"):
        forge.person("alice")


def test_a_team_of_an_organisation_without_the_app_has_no_members(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.install("acme")
    github.happen.team("octo", "ops", {"alice": "active"})
    assert not forge.in_team("@octo/ops", Actor(f"github:{github.happen.person('alice')}", "alice"))


def test_trap_35_a_suspended_installation_is_permanent_until_it_is_unsuspended(github: GithubDouble, forge: GithubApi) -> None:
    number = github.happen.install("acme", suspended=True)
    with pytest.raises(Permanent, match="unsuspend"):
        forge.repository("acme/app")
    github.world.installations[number].suspended_at = None
    assert forge.repository("acme/app").full_name == "acme/app"


@pytest.mark.parametrize(("status", "message"), [(401, "Bad credentials"), (403, "Resource not accessible by integration")])
def test_trap_35_a_token_that_is_not_known_everywhere_yet_is_temporary(
    github: GithubDouble, forge: GithubApi, status: int, message: str
) -> None:
    github.happen.install("acme")
    repository = forge.repository("acme/app").id
    github.fail(status, {"message": message}, matching="/branches/main")
    with pytest.raises(Temporary) as told:
        forge.tip(repository, "main")
    assert told.value.after == 2.0
    assert forge.tip(repository, "main") is not None


def test_trap_33_an_installation_that_is_gone_is_forgotten_and_looked_for_again(github: GithubDouble, private_key: str) -> None:
    first = github.happen.install("acme")
    later = [0.0]
    forge = with_app(github.url, APP_ID, private_key, now=lambda: github.world.clock() + later[0])
    repository = forge.repository("acme/app").id
    del github.world.installations[first]
    github.happen.install("acme")
    later[0] = 3600
    assert forge.tips(repository)


def test_a_clone_by_the_app_carries_the_installations_long_token(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.install("acme")
    github.world.repository("acme/app").clone_url = "https://github.example/acme/app.git"
    source = forge.clone_source(forge.repository("acme/app").id)
    assert any(secret.startswith(f"ghs_{APP_ID}_") and len(secret) > 100 for secret in source.secrets)


def test_the_apps_own_webhook_is_used(github: GithubDouble, forge: GithubApi) -> None:
    github.happen.install("acme")
    repository = forge.repository("acme/app").id
    before = len(github.requests)
    assert "App's own webhook" in forge.ensure_hook(repository, "https://gate.example/hooks/github", "s")
    assert len(github.requests) == before


# -- the plugin ------------------------------------------------------------------------------------------------------------


def test_without_a_token_or_an_app_there_is_no_github() -> None:
    assert plugin.build(Settings()) is None


def test_a_token_without_a_webhook_secret_is_noted() -> None:
    port = plugin.build(Settings(github_token=SecretStr("ghp_x")))
    assert port is not None
    assert port.name == "github"
    assert "GATELINE_GITHUB_WEBHOOK_SECRET" in port.notes[0]


def test_an_app_comes_before_a_token(private_key: str) -> None:
    settings = Settings(
        github_token=SecretStr("ghp_x"),
        github_app_id=APP_ID,
        github_app_private_key=SecretStr(private_key),
        github_webhook_secret=SecretStr("s"),
    )
    port = plugin.build(settings, desk=None)
    assert port is not None
    assert "App's own webhook" in port.api.ensure_hook("github:1", "https://gate.example/hooks/github", "s")
    assert port.notes == ()
