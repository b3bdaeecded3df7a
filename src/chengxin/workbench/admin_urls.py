"""Routes of content, audit, administration and policies; `workbench.urls` takes them in."""

from django.urls import path

from chengxin.workbench.views import content

urlpatterns = [
    path("workbench/content", content.index, name="content"),
    path("workbench/content/new", content.new, name="content-new"),
    path("workbench/content/<int:pk>", content.show, name="content-item"),
    path("workbench/content/<int:pk>/<slug:step>", content.step, name="content-step"),
]
