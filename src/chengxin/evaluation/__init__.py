"""Evaluation: grades, what made them, what would change them, and what a draft would do (F-11)."""
