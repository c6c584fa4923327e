"""`file`: a file at a public URI or in Artifactory (spec/workflow-language.md section 2.2)."""

from __future__ import annotations

from app.resources._base import Kind
from app.workflow.kinds import Field, Part, Use

plugin = Kind(
    name="file",
    code=1019,
    help="A file to deliver; its versions are labels.",
    fields={
        "sourceName": Field("str", "The file's URI, or `repository/path` in Artifactory.", required=True),
        "versionName": Field("str", "The first version's label; any text will do.", required=True, part=Part.SEED),
    },
    integration=Use.OPTIONAL,
)
