"""The command line: `chengxin …` (the operator's face; others script against it, so its contract is stable)."""

from __future__ import annotations

import os


def main() -> None:
    """Entry point of the `chengxin` command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")
    from chengxin.cli.app import app

    app()
