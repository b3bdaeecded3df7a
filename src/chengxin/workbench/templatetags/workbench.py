"""`{% workbench_navigation %}`: the rows under the head of every page of the workbench."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context

from chengxin.accounts.guards import actor_of
from chengxin.workbench.navigation import navigation

register = template.Library()


@register.inclusion_tag("workbench/navigation.html", takes_context=True)
def workbench_navigation(context: Context) -> dict[str, Any]:
    request: HttpRequest | None = context.get("request")
    if request is None:
        return {}
    route = request.resolver_match.url_name if request.resolver_match else ""
    return {"shown": navigation(actor_of(request), route or "")}
