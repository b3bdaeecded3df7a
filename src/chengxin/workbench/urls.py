"""Routes of the workbench."""

from django.urls import path

from chengxin.workbench import admin_urls, case_urls, collection_urls, dept_urls
from chengxin.workbench.views import home

urlpatterns = [
    path("workbench", home.home, name="workbench"),
    *collection_urls.urlpatterns,
    *admin_urls.urlpatterns,
    *dept_urls.urlpatterns,
    *case_urls.urlpatterns,
]
