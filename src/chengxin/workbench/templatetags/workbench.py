"""`{% workbench_navigation %}`: the navigation beside every page of the workbench."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.translation import gettext as _

from chengxin.accounts.guards import actor_of
from chengxin.design.templatetags.parts import second_menu
from chengxin.workbench.navigation import navigation

register = template.Library()


@register.inclusion_tag("parts/second_menu.html", takes_context=True)
def workbench_navigation(context: Context) -> dict[str, Any]:
    request: HttpRequest | None = context.get("request")
    if request is None:
        return {}
    route = request.resolver_match.url_name if request.resolver_match else ""
    return second_menu(navigation(actor_of(request), route or ""), _("工作台导航"))
