"""Routes of content, audit, administration and policies; `workbench.urls` takes them in."""

from django.urls import path

from chengxin.workbench.views import auditing, content, keys, organisations, packs, people, rights, running, sealed_log

urlpatterns = [
    path("workbench/content", content.index, name="content"),
    path("workbench/content/new", content.new, name="content-new"),
    path("workbench/content/<int:pk>", content.show, name="content-item"),
    path("workbench/content/<int:pk>/<slug:step>", content.step, name="content-step"),
    path("workbench/audit", auditing.index, name="audit"),
    path("workbench/audit/looks", auditing.looks, name="audit-looks"),
    path("workbench/audit/log", sealed_log.log, name="audit-log"),
    path("workbench/audit/<int:pk>", auditing.show, name="audit-event"),
    path("workbench/audit/<int:pk>/proof.json", auditing.proof_json, name="audit-proof"),
    path("workbench/people", people.index, name="people"),
    path("workbench/people/new", people.new, name="person-new"),
    path("workbench/people/<int:pk>", people.show, name="person"),
    path("workbench/people/<int:pk>/invite", people.invite, name="person-invite"),
    path("workbench/people/<int:pk>/suspend", people.suspend, name="person-suspend"),
    path("workbench/people/<int:pk>/resume", people.resume, name="person-resume"),
    path("workbench/people/<int:pk>/factor", people.reset_sign_in, name="person-factor"),
    path("workbench/people/<int:pk>/sessions", people.end_sessions, name="person-sessions"),
    path("workbench/people/<int:pk>/grant", rights.grant, name="person-grant"),
    path("workbench/people/<int:pk>/roles/<int:held>/revoke", rights.revoke, name="person-revoke"),
    path("workbench/people/<int:pk>/key", keys.new, name="key-new"),
    path("workbench/keys", keys.index, name="keys"),
    path("workbench/keys/<int:pk>", keys.show, name="key"),
    path("workbench/keys/<int:pk>/revoke", keys.revoke, name="key-revoke"),
    path("workbench/units", organisations.index, name="organisations"),
    path("workbench/units/new", organisations.new, name="organisation-new"),
    path("workbench/units/<slug:unit>", organisations.show, name="organisation"),
    path("workbench/units/<slug:unit>/edit", organisations.edit, name="organisation-edit"),
    path("workbench/policies", packs.index, name="packs"),
    path("workbench/policies/compare", packs.compared, name="pack-compare"),
    path("workbench/policies/assumptions", packs.assumptions, name="pack-assumptions"),
    path("workbench/policies/<path:file>", packs.show, name="pack"),
    path("workbench/running", running.show, name="running"),
]
