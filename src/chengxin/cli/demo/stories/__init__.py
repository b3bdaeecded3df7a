"""What happens in the invented province: each story is a few events on days before today, done by the proper people.

An event is a name, a day and what is done, by the domain's own actions. What an event refuses (a policy has changed, a
record is not there) is told and stops nobody: a demo with one case less is still a demo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from chengxin.accounts.actors import Actor


@dataclass(frozen=True)
class Event:
    """Something that was done on a day; `hour` orders the events of a day."""

    name: str
    day: date
    run: Callable[[], object]
    hour: int = 10
    label: str = "办理"


@dataclass
class Scene:
    """Today, whose story is told, and what earlier events left for later ones."""

    today: date
    code: str
    name: str
    kept: dict[str, str] = field(default_factory=dict)

    def ago(self, days: int) -> date:
        """So many days before today, moved to the Friday before where that is a weekend."""
        day = self.today - timedelta(days=days)
        return day - timedelta(days=max(0, day.weekday() - 4))

    @staticmethod
    def actor(username: str) -> Actor:
        """One of the demo's people, as the rules see them."""
        from chengxin.accounts.actors import of_user
        from chengxin.accounts.models import User

        return of_user(User.objects.get(username=username))


PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""An empty sheet, handed in where a procedure asks for a paper."""
