"""Routes of content, audit, administration and policies; `workbench.urls` takes them in."""

from django.urls import path

from chengxin.workbench.views import auditing, content

urlpatterns = [
    path("workbench/content", content.index, name="content"),
    path("workbench/content/new", content.new, name="content-new"),
    path("workbench/content/<int:pk>", content.show, name="content-item"),
    path("workbench/content/<int:pk>/<slug:step>", content.step, name="content-step"),
    path("workbench/audit", auditing.index, name="audit"),
    path("workbench/audit/looks", auditing.looks, name="audit-looks"),
    path("workbench/audit/log", auditing.log, name="audit-log"),
    path("workbench/audit/<int:pk>", auditing.show, name="audit-event"),
    path("workbench/audit/<int:pk>/proof.json", auditing.proof_json, name="audit-proof"),
]
