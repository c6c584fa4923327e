"""Kinds of jobs, one file each: what may be written, and what a run does (a `Plan`, as data).

Each module offers `plugin`, an `app.workflow.kinds.JobKind`. Pure: only `app.workflow` may be imported. Modules whose name starts with an
underscore are shared parts. Rules come from `spec/workflow-language.md` section 3.
"""
