"""Gateline: the Flask application is made here, from a context that is built already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.context import Context


def create_app(context: Context) -> Flask:
    """The web application over `context`: blueprints and error handlers, nothing else."""
    # Imported here because every import of `app.workflow` runs this module, and the core must not pull in a web framework.
    from flask import Flask

    from app.web import BLUEPRINTS, Here, errors, headers

    flask = Flask(__name__, template_folder="web/templates", static_folder="web/static", static_url_path="/static")
    Here(context).bind(flask)
    for blueprint in BLUEPRINTS:
        flask.register_blueprint(blueprint)
    errors.register(flask)
    headers.register(flask)
    return flask
