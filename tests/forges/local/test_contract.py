"""The local forge keeps the contract of all forges."""

from __future__ import annotations

from tests.contract.forges import ForgeContract


class TestLocalForge(ForgeContract):
    """Every test of the contract, on `world` of conftest.py."""
