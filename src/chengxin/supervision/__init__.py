"""Supervision (监管): lists, measures, random inspection and warnings, as the packs say (F-12 to F-15)."""
