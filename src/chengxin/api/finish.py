"""What all answers of the API have in common: the language, the limits, what may be cached, HEAD, and 405."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import override

from chengxin.accounts.actors import NOBODY
from chengxin.accounts.guards import PUBLIC, Guard, tell_denied
from chengxin.api.errors import Problem, answer

View = Callable[..., HttpResponseBase]


def finished(view: View, guards: Mapping[str, Guard]) -> View:
    """`view` with what every answer has; `guards` are those of its methods."""

    @functools.wraps(view)
    def route(request: HttpRequest, **captured: str) -> HttpResponseBase:
        asked = request.method
        if asked == "HEAD" and "GET" in guards:
            request.method = "GET"  # the server leaves the body of the answer out
        with override("zh-hans"):  # `message` is Chinese, `message_en` English, whatever the browser prefers
            response = view(request, **captured)
        request.method = asked
        if isinstance(response, HttpResponseNotAllowed):
            response = _not_allowed(guards)
        used = getattr(request, "used", None)
        for name, value in (used.headers if used else {}).items():
            response.headers[name] = value
        guard = guards.get("GET" if asked == "HEAD" else asked or "")
        _tell(request, response.status_code, guard)
        return _cached(request, response, public=guard is not None and guard.kind == PUBLIC)

    route.guards = dict(guards)  # type: ignore[attr-defined]
    return route


def _tell(request: HttpRequest, status: int, guard: Guard | None) -> None:
    """A denial is an event of the trail: what somebody known may not do or see, and every key that is none."""
    actor = getattr(request, "actor", None)
    if guard is None or status not in (401, 403, 404):
        return
    if status == 401 and "Authorization" in request.headers:
        tell_denied(request, NOBODY, status)
    elif actor is not None and guard.kind != PUBLIC:
        tell_denied(request, actor, status)


def _not_allowed(guards: Mapping[str, Guard]) -> HttpResponse:
    allow = ", ".join(sorted({*guards, *(["HEAD"] if "GET" in guards else [])}))
    return answer(Problem("method-not-allowed", allow=allow, headers={"Allow": allow}))


def _cached(request: HttpRequest, response: HttpResponseBase, *, public: bool) -> HttpResponseBase:
    """What is public may be kept but is asked for anew each time, so that what was repaired is gone at once (G-09)."""
    if not public or response.status_code != 200 or not isinstance(response, HttpResponse):
        patch_cache_control(response, no_store=True, private=True)
        return response
    patch_cache_control(response, public=True, no_cache=True)
    response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    kept = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    assert kept is not None
    return kept
