"""How public pages answer: not sent twice to who has it, as JSON too, and politely slow for who asks too often (S-11).

Instead of puzzles there are limits: whoever asks too often is told when to come again (anchors.md 5.1).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers, set_response_etag

from chengxin.accounts.limits import Rate, address_of, count

View = Callable[..., HttpResponseBase]


def revalidated(view: View) -> View:
    """Sends the page with a mark of its content, and nothing but the mark's being right to who has it already."""

    @functools.wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        patch_cache_control(response, no_cache=True)
        patch_vary_headers(response, ["Cookie", "Accept-Language"])
        set_response_etag(response)
        return get_conditional_response(request, response.get("ETag"), None, response) or response

    return marked


def polite(view: View) -> View:
    """Counts the requests of a network address; beyond the limit the answer is 429 and when to come again."""

    @functools.wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        used = count(f"page {address_of(request)}", Rate.parse(settings.PAGE_RATE))
        if used.exceeded:
            response: HttpResponseBase = render(request, "portal/slower.html", {"seconds": used.wait}, status=429)
        else:
            response = view(request, *args, **kwargs)
        for name, value in used.headers.items():
            response.headers[name] = value
        return response

    return counted


def told(content: Any) -> JsonResponse:
    """The twin of a page for programs; numbers and names are as on the page."""
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})


def way(*names: str, then: str = "", **kwargs: Any) -> str:
    """The address of the first of these routes that there is, or `then`: faces do not know each other's pages."""
    for name in names:
        try:
            return reverse(name, kwargs=kwargs or None)
        except NoReverseMatch:
            continue
    return then
