"""The local forge: bare git repositories on disk and no service at all, the embedded default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.forges import ForgePort
from app.forges.local.api import LocalForge
from app.forges.local.desk import Desk
from app.forges.local.disk import Disk, Endpoint, secret_at
from app.forges.local.hooks import LocalHooks

if TYPE_CHECKING:
    from config.settings import Settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - to find them, not to listen on them


@dataclass(frozen=True, slots=True)
class LocalKind:
    """Repositories live under `<data>/repositories`; the secret of their webhooks is made at the first start."""

    name: str = "local"

    def build(self, settings: Settings, desk: Desk | None = None) -> ForgePort | None:
        """None without a desk: then nobody keeps what people write."""
        if desk is None:
            return None
        folder = settings.data_dir.absolute()
        endpoint = Endpoint(f"http://{_reachable(settings.bind)}/hooks/local", secret_at(folder / "local-hook-secret"))
        api = LocalForge(desk, Disk(folder / "repositories"), endpoint, settings.bot_name)
        return ForgePort(self.name, LocalHooks(endpoint.secret()), api)


def _reachable(bind: str) -> str:
    """The address by which this machine reaches what listens on `bind`."""
    address, _, port = bind.rpartition(":")
    return f"{EVERYWHERE.get(address, address)}:{port}"


plugin = LocalKind()
