"""What is sealed: rows that are only ever added, each source in the order of its numbers.

`settings.CHENGXIN_SEALED` names the sources; rooms above bring their own (the register brings record versions), so that
this floor knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.module_loading import import_string

from chengxin.audit.canonical import canonical, moment
from chengxin.audit.models import Event


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row as it goes into its leaf: `open_part` may be shown with a proof, `closed_part` never is."""

    ref: int
    open_part: bytes
    closed_part: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that verification found beside the leaves: which row, what kind of fault, and words for people."""

    ref: int
    kind: str
    detail: str


class Source(Protocol):
    """A table whose rows are sealed."""

    kind: str

    def horizon(self, after: int) -> int:
        """The highest number up to which nothing can come any more; `after` or more."""
        ...

    def rows(self, after: int, upto: int, limit: int) -> list[Sealed]:
        """The next rows after a number, in order, at most `limit`, as they are to be sealed now."""
        ...

    def sealed(self, after: int, upto: int, notes: dict[int, str]) -> Iterable[Sealed]:
        """The rows in (after, upto] as they stand, each written as its note says that it was when it was sealed."""
        ...

    def faults(self) -> Iterator[Wrong]:
        """What else must hold of what was sealed."""
        ...


class Events:
    """The trail itself. Open: number, moment and action; closed: who, what to, and the detail."""

    kind = "event"

    def horizon(self, after: int) -> int:
        """Numbers are given out before the commit: on PostgreSQL wait, briefly, until nobody is writing (SQLite: one
        writer at a time). Where somebody writes for longer, the next round seals."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET LOCAL lock_timeout = '500ms'")
                    cursor.execute("LOCK TABLE audit_event IN SHARE MODE")
                cursor.execute("SELECT coalesce(max(id), 0) FROM audit_event")
                return max(after, int(cursor.fetchone()[0]))
        except OperationalError:
            return after

    def rows(self, after: int, upto: int, limit: int) -> list[Sealed]:
        return list(self._written(Event.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk")[:limit]))

    def sealed(self, after: int, upto: int, notes: dict[int, str]) -> Iterable[Sealed]:
        return self._written(Event.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk"))

    def faults(self) -> Iterator[Wrong]:
        return iter(())

    def _written(self, events: Any) -> Iterator[Sealed]:
        columns = ("pk", "at", "actor", "action", "kind", "object", "detail")
        for pk, at, actor, action, kind, thing, detail in events.values_list(*columns).iterator(chunk_size=5000):
            told = canonical({"action": action, "at": moment(at), "event": pk})
            yield Sealed(pk, told, canonical({"actor": actor, "detail": detail, "kind": kind, "object": thing}))


def sources() -> dict[str, Source]:
    """The sources of this installation, by kind."""
    made = [import_string(path)() for path in settings.CHENGXIN_SEALED]
    return {source.kind: source for source in made}
