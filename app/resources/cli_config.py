"""`cliConfig`: a command-line tool that is logged in before each task of a job that has it as IN (section 2.2; section 3.2, scopes)."""

from __future__ import annotations

from app.resources._base import Kind
from app.workflow.kinds import Field, Use

plugin = Kind(
    name="cliConfig",
    code=1021,
    help="Logs a provider's command-line tool in for the jobs that have it as IN.",
    fields={
        "region": Field("str", "The region (AWS), or the region or zone of the cluster (Google Cloud)."),
        "clusterName": Field("str", "The cluster that the scopes `gke` and `aks` connect kubectl to."),
        "groupName": Field("str", "The resource group of that cluster (Azure)."),
    },
    integration=Use.REQUIRED,
)
