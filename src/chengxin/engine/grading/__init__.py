"""Evaluation models over tables: one set-based statement, here in DuckDB or inside a Spark task (design.md section 6)."""
