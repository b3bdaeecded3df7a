"""Routes of the subject's own space; `/my/<code>/…` is about the subject with that code, `/my/me/…` about oneself."""

from django.urls import URLPattern, path

from chengxin.own.views import (
    apply,
    authorisations,
    cases,
    export,
    grades,
    home,
    lists,
    looks,
    papers,
    records,
    reports,
)

urlpatterns: list[URLPattern] = [
    path("my", home.home, name="own"),
    path("my/<code>", records.profile, name="own-profile"),
    path("my/<code>/records/<int:record>", records.record, name="own-record"),
    path("my/<code>/grades", grades.grades, name="own-grades"),
    path("my/<code>/grades/<slug:model>", grades.grade, name="own-grade"),
    path("my/<code>/lists/<int:entry>", lists.listing, name="own-listing"),
    path("my/<code>/lists/<int:entry>/answer", lists.answer, name="own-listing-answer"),
    path("my/<code>/apply", apply.choose, name="own-choose"),
    path("my/<code>/apply/<slug:procedure>", apply.start, name="own-start"),
    path("my/<code>/apply/<slug:procedure>/<str:part>", apply.part, name="own-apply"),
    path("my/<code>/cases", cases.cases, name="own-cases"),
    path("my/<code>/cases/<str:number>", cases.case, name="own-case"),
    path("my/<code>/cases/<str:number>/sent", cases.sent, name="own-case-sent"),
    path("my/<code>/cases/<str:number>/steps/<slug:step>", cases.step, name="own-step"),
    path("my/<code>/cases/<str:number>/materials", papers.attach, name="own-attach"),
    path("my/<code>/cases/<str:number>/materials/<int:attachment>", papers.material, name="own-material"),
    path("my/<code>/cases/<str:number>/letters/<int:letter>", papers.letter, name="own-letter"),
    path("my/<code>/authorisations", authorisations.authorisations, name="own-authorisations"),
    path("my/<code>/authorisations/new", authorisations.give, name="own-authorise"),
    path("my/<code>/authorisations/new/check", authorisations.check, name="own-authorise-check"),
    path("my/<code>/authorisations/<str:number>/revoke", authorisations.revoke, name="own-revoke"),
    path("my/<code>/looks", looks.looks, name="own-looks"),
    path("my/<code>/looks.csv", looks.looks_csv, name="own-looks-csv"),
    path("my/<code>/reports", reports.reports, name="own-reports"),
    path("my/<code>/reports/new/<slug:template>", reports.order, name="own-report-order"),
    path("my/<code>/reports/<str:number>", reports.report, name="own-report"),
    path("my/<code>/reports/<str:number>/pdf", reports.pdf, name="own-report-pdf"),
    path("my/<code>/export", export.export, name="own-export"),
    path("my/<code>/export/data.zip", export.archive, name="own-export-zip"),
]
