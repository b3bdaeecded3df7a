"""Routes of the API; each address knows the guards of its methods (tests/test_routes.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from chengxin.accounts.guards import PUBLIC, Guard, guard_of
from chengxin.api.app import api
from chengxin.api.errors import Problem, answer
from chengxin.api.finish import finished

app_name = "api"


@csrf_exempt  # it changes nothing, and the answer is 404 and not 403
def unknown(request: HttpRequest, **_captured: str) -> HttpResponse:
    """There is nothing at this address, and the API says so in its own shape."""
    return answer(Problem("not-found"))


def _routes() -> list[URLPattern]:
    routes = []
    for bound in api._get_bound_routers():
        for address, view in bound.path_operations.items():
            guards = {method: _guard(o.view_func) for o in view.operations for method in o.methods}
            name = view.operations[0].view_func.__name__
            route = address.lstrip("/").replace("{", "<").replace("}", ">")
            routes.append(path(route, finished(view.get_view(), guards), name=name))
    return routes


def _guard(view: Callable[..., Any]) -> Guard:
    """Nothing is served that does not say who may use it."""
    guard = guard_of(view)
    if guard is None:
        raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} declares no guard")
    return guard


_ANY = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), Guard(PUBLIC, why="there is nothing here"))
urlpatterns = [*_routes(), re_path(r"^.*$", finished(unknown, _ANY), name="unknown")]
