"""PostgreSQL as Django knows it, but for two things that cost public pages more than what they ask for.

`CONN_HEALTH_CHECKS` asks `SELECT 1` at every request, and every statement is read and planned anew each time; both were a
third of what the mark of a profile costs (docs/decisions/0008-portal-speed.md).
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is looked at before it is used again, and that can keep the plans of chosen statements."""

    def is_usable(self) -> bool:
        """Whether the connection can be used. A server that goes away closes its end, and then there is something to read
        where nothing was asked; only then is it asked."""
        try:
            quiet = self.connection is not None and not select.select([self.connection.fileno()], [], [], 0)[0]
        except (OSError, ValueError, psycopg.Error):  # closed on our side, or beyond what `select` can look at
            quiet = False
        return quiet or bool(super().is_usable())

    def planned_cursor(self) -> Any:
        """A cursor whose statements are planned once and kept, as far as the settings let (`prepare_threshold`). Values
        travel beside the statement, so their types must be plain from where they stand."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(base.ServerBindingCursor(self.connection))  # type: ignore[attr-defined, call-arg]
