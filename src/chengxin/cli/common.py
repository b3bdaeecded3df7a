"""What all commands share: Django set up late, one way to print, one way to fail."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)

REFUSED = 2
"""Exit code when what was asked for is refused as a whole."""


def setup() -> None:
    """Make models importable; commands that need no database do not pay for it."""
    import django

    django.setup()


def system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def print_json(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE, default=str))
    sys.stdout.flush()


def refuse(reason: str, *, as_json: bool = False, **more: Any) -> NoReturn:
    """Say why and leave with exit code 2."""
    if as_json:
        print_json({**more, "state": "refused", "reason": reason})
    else:
        err.print(f"[bold red]✗[/] {reason}", highlight=False)
    raise typer.Exit(REFUSED)


def need_store(as_json: bool = False) -> None:
    """Refuse with one clear sentence when the store has not been made or is older than this program."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        refuse(f"连不上数据库：{error}", as_json=as_json)
    if pending:
        refuse("数据库还没有建好或版本较旧，请先运行 chengxin init。", as_json=as_json)


@contextmanager
def refusing(as_json: bool = False) -> Iterator[None]:
    """Make the store ready for what stands inside, and say a refusal instead of showing where it came from."""
    setup()
    need_store(as_json)
    from chengxin.accounts.refusals import Refusal

    try:
        yield
    except Refusal as error:
        refuse(str(error), as_json=as_json)
