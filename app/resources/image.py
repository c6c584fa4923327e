"""`image`: a container image and its tag (spec/workflow-language.md section 2.2)."""

from __future__ import annotations

from app.resources._base import Kind
from app.workflow.kinds import Field, Part, Use

plugin = Kind(
    name="image",
    code=1001,
    help="A container image; its versions are tags.",
    fields={
        "sourceName": Field("str", "The image's full name; `org/image` is enough for Docker Hub.", required=True),
        "versionName": Field("str", "The first version's tag.", required=True, part=Part.SEED),
        "isPull": Field("bool", "Accepted from old files; say `pull` at the IN step instead."),
    },
    integration=Use.OPTIONAL,
)
