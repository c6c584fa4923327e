"""The web process: webhooks in, pages, the JSON API, health. Nothing here does the work; it keeps, asks and shows."""

from __future__ import annotations

from app.web import api, external_ci, health, hooks, pages, posting, resource_hooks, verbs
from app.web.here import Here

ROUTES = (external_ci, posting, verbs)
"""Modules that add their routes to the blueprint of `api`."""

BLUEPRINTS = (hooks.blueprint, resource_hooks.blueprint, external_ci.blueprint, health.blueprint, pages.blueprint, api.blueprint)

__all__ = ["BLUEPRINTS", "ROUTES", "Here"]
