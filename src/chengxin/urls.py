"""All routes; every one declares its guard (chengxin.accounts.guards) and tests/test_routes.py sweeps them all."""

from django.urls import include, path

urlpatterns = [
    path("", include("chengxin.portal.urls")),
    path("", include("chengxin.workbench.urls")),
    path("", include("chengxin.own.urls")),
    path("", include("chengxin.design.urls")),
    path("", include("chengxin.api.reference")),
    path("api/v1/", include("chengxin.api.urls")),
]
