"""The boards of the portal: which items have a column on which, and what the board says of itself (R-339, R-344)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.policy.catalogue import Item
from chengxin.registry.packs import policies


@dataclass(frozen=True)
class Board:
    """A page of columns. `id` begins the names of its routes; `has` says which public items have a column."""

    id: str
    title: str | Promise
    lead: str | Promise
    has: Callable[[Item], bool]

    def columns(self, day: date) -> list[Item]:
        return [i for i in policies().items(day) if i.disclosure == "public" and self.has(i)]

    def column(self, item: str, day: date) -> Item:
        """Raises `Http404`."""
        found = next((i for i in self.columns(day) if i.id == item), None)
        if found is None:
            raise Http404(_("没有名为“%(item)s”的公示栏目。") % {"item": item[:40]})
        return found


PUBLICITY = Board(
    "publicity",
    gettext_lazy("行政许可和行政处罚公示"),
    gettext_lazy("行政机关作出的许可和处罚决定，依法向社会公示；公示期满、已修复和依法不公示的不在这里。"),
    lambda item: item.double_publicity,
)
COMMITMENT = Board(
    "commitments",
    gettext_lazy("信用承诺及履行情况"),
    gettext_lazy("单位向社会公开作出的承诺，以及后来履行得怎么样。"),
    lambda item: item.commitments,
)
BOARDS = {b.id: b for b in (PUBLICITY, COMMITMENT)}
