"""`/styleguide`: every component in every state with the code that makes it (F-26)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.design.examples import EXAMPLES, values


@public("how pages are built is no secret, and whoever extends the platform looks here")
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """All examples on one page, light or dark as the reader's machine is."""
    shown = [(example, _drawn(example.code, request)) for example in EXAMPLES]
    return render(request, "design/styleguide.html", {"examples": shown})


def _drawn(code: str, request: HttpRequest) -> SafeString:
    """The example as its code draws it; an error summary does not pull the page to itself here."""
    html = _compiled(code).render(dict(values()), request)
    return mark_safe(html.replace(" autofocus", ""))  # noqa: S308  (rendered by our templates from our own examples)


@lru_cache(maxsize=64)
def _compiled(code: str) -> Any:
    return engines["django"].from_string("{% load parts chengxin %}" + code)
