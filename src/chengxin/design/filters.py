"""The filters that are set on a list, each as a tag that takes it off: the same on every page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.forms import Form
from django.http import QueryDict

from chengxin.design.shapes import Tag
from chengxin.design.words import labelled

PLACES = ("page", "before", "after", "older", "newer")
"""Where in the list the reader is: another filter begins at its beginning."""


def filter_tags(form: Form, query: QueryDict, keep: Collection[str] = ()) -> list[Tag]:
    """What is set in `form`, each with the address (`query` without it) that takes it off; not for those in `keep`.

    A box that is ticked is told by its label alone; a value that was not understood is none.
    """
    given: dict[str, Any] = getattr(form, "cleaned_data", {}) if form.is_bound else {}
    tags = []
    for bound in form.visible_fields():
        value = given.get(bound.name)
        if value in (None, "", False, []) or bound.name in keep:
            continue
        rest = query.copy()
        for name in (bound.name, *PLACES):
            rest.pop(name, None)
        tags.append(Tag(_told(bound.label, bound.field, value), f"?{rest.urlencode()}"))
    return tags


def _told(label: Any, field: Any, value: Any) -> str:
    if value is True:
        return str(label)
    choices = dict(getattr(field, "choices", ()))
    shown = value.isoformat() if isinstance(value, date) else choices.get(value, value)
    return labelled(label, shown)
