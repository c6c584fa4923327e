"""What everything outside the pure core is given: the ports, already built (see `wire`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.bell import Bell
from app.outward import Outward
from app.workflow.kinds import Kinds

if TYPE_CHECKING:
    from app.executors import Executor
    from app.forges import ForgePort
    from app.notifiers import Notifier
    from app.store import Store
    from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """`forges`, `executors`, `notifiers` by name; `store.now()` is the only clock. `outward` reaches what users name."""

    settings: Settings
    store: Store
    forges: Mapping[str, ForgePort]
    executors: Mapping[str, Executor]
    notifiers: Mapping[str, Notifier]
    bell: Bell
    kinds: Kinds
    outward: Outward = field(default_factory=Outward)
