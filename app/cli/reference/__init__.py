"""The generated parts of `docs/`: tables made from the code's own descriptions, between markers in pages that people write.

`python -m app.cli.reference` (`make docs`) brings them up to date; a test fails when they are not.
"""
