"""Benchmarks: every figure is a ratio against a floor measured in the same run on the same machine (`./dev bench`)."""
