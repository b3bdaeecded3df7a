"""The floor of bench (g): a Django application with one view that answers with a constant page, and nothing else."""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="bare", ALLOWED_HOSTS=["*"], MIDDLEWARE=[])


def page(_request: HttpRequest) -> HttpResponse:
    """A short page."""
    return HttpResponse("<!doctype html><title>bare</title><p>ok</p>")


urlpatterns = [path("", page)]
application = get_wsgi_application()
