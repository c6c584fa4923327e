"""Continuous integration: the CI keys of a repository's root `shippable.yml`, and what follows from them without running anything.

The contract is spec/ci-integrations-deploy.md section 1.
"""
