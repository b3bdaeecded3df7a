"""What the page of a list says of it beside its terms, for everybody and for the department alike."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from chengxin.design.shapes import Fact
from chengxin.design.words import noted
from chengxin.policy.lists import CreditList
from chengxin.policy.schema import basis_text


def more_facts(found: CreditList) -> Iterator[Fact]:
    """Other names that plans give the list, and to whom an entry extends by which law (G-03); nothing where there is none."""
    if found.aliases:
        yield Fact(_("又称"), _("、").join(found.aliases))
    if found.extension is not None:
        whom = _("、").join(found.extension.to)
        whom = (
            _("由列入的单位及于%(whom)s") % {"whom": whom} if found.derived_from else _("及于%(whom)s") % {"whom": whom}
        )
        yield Fact(_("及于何人"), noted(whom, basis_text(found.extension.basis)))
