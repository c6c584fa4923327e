"""Builds everything from the settings: the only place where adapters are constructed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, cast

from redis import Redis

from app.adopt import adopt_now
from app.bell import Bell, RqBell
from app.context import Context
from app.executors.inline import InlineExecutor
from app.executors.local import LocalExecutor
from app.executors.sync import SyncExecutor
from app.forges import ForgePort
from app.notifiers import Notifier
from app.outward import Outward
from app.registry import load
from app.store import Store
from app.store.local import LocalDesk
from app.workflow.kinds import JobKind, Kinds, ResourceKind
from config.settings import BadSettings, Settings, secret_key


def build(settings: Settings, bell: Bell | None = None) -> Context:
    """The context of a process. Raises BadSettings when what it needs is not set, Permanent for a database that cannot be used."""
    store = Store(settings.database, settings.data_dir, keys(settings))
    context = Context(
        settings=settings,
        store=store,
        forges=forges(settings, store),
        executors={
            "local": LocalExecutor(settings.data_dir, settings.sandbox, settings.files),
            "inline": InlineExecutor(),
        },
        notifiers=cast(dict[str, Notifier], dict(load("app.notifiers"))),
        bell=bell or RqBell(Redis.from_url(settings.redis)),
        kinds=kinds(),
        outward=Outward(settings.allow_private_addresses),
    )
    return with_sync(context)


def with_sync(context: Context) -> Context:
    """`context` with the executor of rSync jobs, which adopts by it."""
    return replace(context, executors={**context.executors, "sync": SyncExecutor(partial(adopt_now, context))})


def kinds() -> Kinds:
    """Every kind of resource and job that this installation knows."""
    return Kinds(
        resources=cast(dict[str, ResourceKind], dict(load("app.resources"))),
        jobs=cast(dict[str, JobKind], dict(load("app.jobs"))),
    )


def forges(settings: Settings, store: Store) -> dict[str, ForgePort]:
    """The forges that are configured."""
    desk = LocalDesk(store.database)
    built = {name: cast(Any, plugin).build(settings, desk) for name, plugin in load("app.forges").items()}
    return {name: port for name, port in built.items() if port is not None}


def keys(settings: Settings) -> tuple[str, ...]:
    """Keys that encrypt secrets, newest first. A one-machine installation makes its own at first start."""
    if settings.secret_key:
        return tuple(key.get_secret_value() for key in settings.secret_key)
    if not settings.embedded:
        raise BadSettings(
            "These settings are wrong:\n  GATELINE_SECRET_KEY: missing; several machines must share one: "
            "make it with `openssl rand -hex 32` and give it to each as GATELINE_SECRET_KEY or GATELINE_SECRET_KEY_FILE"
        )
    return (secret_key(settings.data_dir)[0],)
