"""Settings of Gateline: from the environment (`GATELINE_<NAME>`, or `GATELINE_<NAME>_FILE` holding a path) and `gateline.toml`.

The only place where the process environment is read. All values that are wrong are named in one message.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

MOST_SOCKET = 100
"""Bytes of a socket's path; the kernel takes 107."""


class BadSettings(Exception):
    """Some settings are wrong or missing: the text names every one of them, and what to do."""


def _list(value: object) -> object:
    """`a, b` as a list; lists as they are."""
    return [item for item in re.split(r"[,\s]+", value.strip()) if item] if isinstance(value, str) else value


def _keys(value: object) -> object:
    """Secret keys: separated by commas or line ends; a blank may be part of one."""
    return [item.strip() for item in re.split(r"[,\n]+", value) if item.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_list)]


class Commands(BaseModel):
    """`[account."github:acme".commands]`: which verbs may be typed without the bot's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    bare: Literal["auto", True, False] = Field(
        default="auto",
        description="Whether verbs count without the bot's name (`/approve`): `auto` where the forge lets them through and the repository "
        "has no OWNERS file with approvers and no labels `lgtm` and `approved` (Prow's); `true` always, `false` never.",
    )


class AccountSettings(BaseModel):
    """`[account."github:acme"]`: what an administrator says of one account."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    commands: Commands = Commands()
    host_tasks: bool = Field(default=False, description="Run tasks that name a container image on the host, without the container.")
    least_coverage: float = Field(
        default=0.0, ge=0, le=1, description="CI runs whose tests cover less than this share of lines (0.8 for 80%) are unstable."
    )
    repositories: Names = Field(
        default=(),
        description="Repositories (`owner/name`) of other owners that the account may clone and report on; of all others it may only read "
        "the public ones.",
    )
    trusted_bots: Names = Field(default=(), description="Logins of bots whose pull requests are not treated like those from forks.")


class Settings(BaseModel):
    """Every setting, with its default. Names in the environment are these in upper case behind `GATELINE_`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder.")
    redis_url: str = Field("", description="Redis or Valkey URL; empty: an embedded Valkey on a socket.")
    data_dir: Path = Field(Path(".gateline"), description="Folder for the database, logs, state files, mirrors and workspaces.")
    base_url: str = Field("", description="Where people and forges reach this instance; empty: `http://` and GATELINE_BIND.")
    bind: str = Field("127.0.0.1:8080", description="Address and port that the web process listens on.")
    secret_key: Annotated[tuple[SecretStr, ...], BeforeValidator(_keys)] = Field(
        (),
        description="Keys that encrypt secrets at rest, newest first, comma-separated; one-machine installations make their own.",
    )
    bot_name: str = Field("gateline", description="The bot's name: prefix of commands, of status contexts, and its mention.")
    github_api_url: str = Field("https://api.github.com", description="GitHub's API; GHES: https://HOST/api/v3.")
    github_token: SecretStr | None = Field(None, description="A personal access token of the bot's user.")
    github_webhook_secret: SecretStr | None = Field(None, description="Secret that GitHub signs hooks with.")
    github_app_id: int | None = Field(None, description="The GitHub App's numeric id, instead of a token.")
    github_app_private_key: SecretStr | None = Field(None, description="The App's private key (PEM).")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    slack_bot_token: SecretStr | None = Field(None, description="Bot token (chat:write): one message per line run, updated.")
    slack_channel: str = Field("", description="Channel that hears of failures, recoveries and gates of all sources.")
    slack_webhook_url: SecretStr | None = Field(None, description="An incoming webhook, where no bot token is to be had.")
    smtp_url: SecretStr | None = Field(
        None, description="The mail relay: `smtp://USER:PASSWORD@HOST:587` (STARTTLS where offered) or `smtps://…:465`, percent-encoded."
    )
    mail_from: str = Field("", description="Sender of e-mails, as in `Gateline <ci@example.com>`.")
    mail_to: Names = Field((), description="Addresses that hear of failures, recoveries and gates of all sources.")
    irc_nick: str = Field("gateline", description="Name on IRC.")
    allow_private_addresses: Names = Field(
        (),
        description="Networks (`10.0.0.0/8`), addresses and host names (globs) that webhooks, mail and `externalReferences` may reach "
        "though they are not public.",
    )
    auto_sources: str = Field("", description="Pattern of full names (globs) that become sources when an App is installed on them.")
    sandbox: Literal["auto", "off"] = Field("auto", description="`auto`: bubblewrap where it works; `off`: never.")
    unsafe_local: bool = Field(False, description="Run lanes other than main though runs cannot be isolated.")
    run_workers: int = Field(2, ge=0, le=256, description="Run worker processes that `gateline up` starts.")
    errand_workers: int = Field(2, ge=0, le=256, description="Errand worker processes that `gateline up` starts.")
    web_workers: int = Field(2, ge=1, le=64, description="Web processes.")
    pools: Names = Field(("default",), description="Node pools that this machine's run workers serve.")
    default_timeout: float = Field(3600.0, gt=0, description="Seconds a run may take, set-up included, where its job does not say.")
    max_log: int = Field(16 * 1024 * 1024, gt=0, description="Bytes of log kept of one run.")
    drain: float = Field(30.0, ge=0, description="Seconds that running runs get to finish after SIGTERM.")
    log_format: Literal["console", "json"] = Field("console", description="How the service writes its own log: `console` or `json`.")
    keep_deliveries: float = Field(14.0, ge=3, description="Days that webhook deliveries and errands are kept after they were done.")
    keep_events: float = Field(
        90.0,
        ge=30,
        description="Days that decisions on events are kept, and what did not run and why. Later the same event would count again.",
    )
    keep_logs: float = Field(180.0, ge=1, description="Days that logs are kept after their run ended. Runs and the audit log stay.")
    min_free: int = Field(256 * 1024 * 1024, ge=0, description="Free bytes of disk below which hooks get 503 and claims pause.")
    account: Mapping[str, AccountSettings] = Field(default_factory=dict, description="Settings of accounts, by key (`github:acme`).")
    _files: tuple[Path, ...] = PrivateAttr(())

    @field_validator("bot_name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,38}", value):
            raise ValueError("a lower-case letter, then lower-case letters, digits or hyphens, 39 at most")
        return value

    @field_validator("bind")
    @classmethod
    def _address(cls, value: str) -> str:
        if not re.fullmatch(r"[^\s:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", value):
            raise ValueError("ADDRESS:PORT, as in 0.0.0.0:8080")
        return value

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if (self.github_app_id is None) != (self.github_app_private_key is None):
            raise ValueError("GATELINE_GITHUB_APP_ID and GATELINE_GITHUB_APP_PRIVATE_KEY go together: set both or neither")
        return self

    @property
    def url(self) -> str:
        """The base URL without a trailing slash."""
        return (self.base_url or f"http://{self.bind}").rstrip("/")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'gateline.db'}"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that these settings were read from: `gateline.toml` and what each GATELINE_<NAME>_FILE named. No run may see them."""
        return self._files

    @property
    def socket(self) -> Path:
        """Where the embedded Valkey listens: beside the data, or in a temporary folder where that path is too long.

        A Unix socket's path has room for 107 bytes. Runs never see it (product.md section 8).
        """
        beside = self.data_dir.absolute() / "valkey.sock"
        name = f"gateline-{os.getuid()}-{sha256(os.fsencode(beside)).hexdigest()[:16]}"
        places = (beside, Path(tempfile.gettempdir()) / name / "valkey.sock")
        short = Path("/tmp") / name / "valkey.sock"  # noqa: S108 - TMPDIR itself may be too long; the folder is made 0700
        return next((place for place in places if len(os.fsencode(place)) <= MOST_SOCKET), short)

    @property
    def redis(self) -> str:
        return self.redis_url or f"unix://{self.socket}"

    @property
    def embedded(self) -> bool:
        """Whether this is a one-machine installation that brings its own Valkey."""
        return not self.redis_url

    def of(self, account: str) -> AccountSettings:
        return self.account.get(account, AccountSettings())


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from `environ` (default: the process's), then `gateline.toml` (or the file that GATELINE_CONFIG names), then defaults.

    Raises BadSettings naming all values that are wrong.
    """
    environ = os.environ if environ is None else environ
    wrong: list[str] = []
    config = Path(environ.get("GATELINE_CONFIG", "gateline.toml"))
    values = _from_file(config, "GATELINE_CONFIG" in environ, wrong)
    values.update(_from_environment(environ, wrong))
    values.update(overrides)
    try:
        settings = Settings(**values)
    except ValidationError as problem:
        wrong += [_sentence(error) for error in problem.errors()]
        raise BadSettings("These settings are wrong:\n" + "\n".join(f"  {line}" for line in wrong)) from None
    if wrong:
        raise BadSettings("These settings are wrong:\n" + "\n".join(f"  {line}" for line in wrong))
    named = (environ.get(f"GATELINE_{name.upper()}_FILE") for name in Settings.model_fields)
    settings._files = tuple(path.absolute() for path in (config, *(Path(file) for file in named if file)))
    return settings


def _from_file(path: Path, named: bool, wrong: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        if named:
            wrong.append(f"GATELINE_CONFIG: there is no file {path}")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        wrong.append(f"{path}: {problem}")
    return {}


def _from_environment(environ: Mapping[str, str], wrong: list[str]) -> dict[str, Any]:
    """`GATELINE_X` and `GATELINE_X_FILE` for every setting X but `account`; both at once is wrong."""
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        variable = f"GATELINE_{name.upper()}"
        text, file = environ.get(variable), environ.get(f"{variable}_FILE")
        if name == "account" or (text is None and file is None):
            continue
        if text is not None and file is not None:
            wrong.append(f"{variable}: set it or {variable}_FILE, not both")
        elif file is not None:
            try:
                text = Path(file).read_text().strip()
            except (OSError, UnicodeDecodeError) as problem:
                wrong.append(f"{variable}_FILE: {problem}")
        if text:
            values[name] = text
    return values


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    name = f"GATELINE_{where.upper()}" if where in Settings.model_fields else where
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message


def secret_key(data: Path) -> tuple[str, bool]:
    """The one-machine installation's own key, made at first start with mode 0600; and whether it was made just now."""
    path = data / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip(), False
    with os.fdopen(handle, "w") as file:
        key = os.urandom(32).hex()
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key, True
