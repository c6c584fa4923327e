"""Benchmarks: figures beside the machine's noise, each as a ratio to a baseline measured in the same run. Never part of the tests."""
