"""Reminders and warnings (提醒, 预警): found set-based, kept once, told to those concerned."""
