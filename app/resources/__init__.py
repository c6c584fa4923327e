"""Kinds of resources, one file each: what may be written, which versions events make, which variables a run gets.

Each module offers `plugin`, an `app.workflow.kinds.ResourceKind`. Pure: only `app.workflow` may be imported. Rules come from
`spec/workflow-language.md` section 2 (types, fields, environment) and 4.7 (which events make versions).
"""
