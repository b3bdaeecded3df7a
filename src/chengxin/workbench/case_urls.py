"""Routes of those who handle cases and look things up (workbench/urls.py takes them in)."""

from django.urls import path

from chengxin.workbench.views import (
    applicants,
    cases,
    granted_reports,
    looking,
    opening,
    report_orders,
    reviewing,
    sampling,
)

_CASE = "workbench/cases/<str:number>"

urlpatterns = [
    path("workbench/reports", granted_reports.index, name="granted-reports"),
    path("workbench/reports/new/<str:authorisation>", granted_reports.order, name="granted-report-order"),
    path("workbench/reports/<str:number>", granted_reports.show, name="granted-report"),
    path("workbench/reports/<str:number>/pdf", granted_reports.pdf, name="granted-report-pdf"),
    path("workbench/report-orders", report_orders.index, name="report-orders"),
    path("workbench/report-orders/new", report_orders.new, name="report-order-new"),
    path("workbench/report-orders/<int:pk>", report_orders.show, name="report-order"),
    path("workbench/report-orders/<int:pk>/reports.zip", report_orders.whole, name="report-order-zip"),
    path("workbench/report-orders/<int:pk>/<int:place>.pdf", report_orders.pdf, name="report-order-pdf"),
    path("workbench/cases", cases.index, name="cases"),
    path("workbench/cases/new", opening.index, name="new-case"),
    path("workbench/cases/new/<slug:procedure>", opening.begin, name="new-case-of"),
    path("workbench/cases/figures", sampling.shares, name="case-figures"),
    path("workbench/cases/samples", sampling.samples, name="samples"),
    path("workbench/cases/samples/<str:number>", sampling.judge, name="sample"),
    path("workbench/query", looking.query, name="query"),
    path("workbench/check", looking.check, name="check"),
    path("workbench/applicants", applicants.applicants, name="applicants"),
    path(_CASE, cases.show, name="case"),
    path(f"{_CASE}/steps/<slug:step>", reviewing.step, name="case-step"),
    path(f"{_CASE}/steps/<slug:step>/letter.pdf", reviewing.preview, name="case-preview"),
    path(f"{_CASE}/materials", reviewing.attach, name="case-attach"),
    path(f"{_CASE}/materials/<int:attachment>", cases.evidence, name="case-evidence"),
    path(f"{_CASE}/materials/<int:attachment>.csv", cases.result_table, {"form": "csv"}, name="case-result-csv"),
    path(f"{_CASE}/materials/<int:attachment>.xlsx", cases.result_table, {"form": "xlsx"}, name="case-result-xlsx"),
    path(f"{_CASE}/sheet", applicants.sheet, name="case-sheet"),
    path(f"{_CASE}/letters/<str:letter>", cases.letter, name="case-letter"),
]
