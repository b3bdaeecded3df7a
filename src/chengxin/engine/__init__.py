"""Runs rules and models over tables: DuckDB here, Spark tasks that run DuckDB on a cluster. Knows no policy, no store."""
