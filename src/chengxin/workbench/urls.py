"""Routes of the workbench."""

from django.urls import path

from chengxin.workbench import admin_urls, case_urls, dept_urls
from chengxin.workbench.views import batches, doubts, home, quality, submit

urlpatterns = [
    path("workbench", home.home, name="workbench"),
    path("workbench/submit", submit.submit, name="submit"),
    path("workbench/batches", batches.index, name="batches"),
    path("workbench/batches/<int:pk>", batches.show, name="batch"),
    path("workbench/batches/<int:pk>/release", batches.release, name="batch-release"),
    path("workbench/batches/<int:pk>/return", batches.give_back, name="batch-return"),
    path("workbench/batches/<int:pk>/withdraw", batches.withdraw, name="batch-withdraw"),
    path("workbench/batches/<int:pk>/receipt.csv", batches.receipt_csv, name="batch-receipt"),
    path("workbench/batches/<int:pk>/receipt.xlsx", batches.receipt_xlsx, name="batch-workbook"),
    path("workbench/doubts", doubts.index, name="doubts"),
    path("workbench/doubts/<int:pk>", doubts.settle, name="doubt"),
    path("workbench/quality", quality.quality, name="quality"),
    *admin_urls.urlpatterns,
    *dept_urls.urlpatterns,
    *case_urls.urlpatterns,
]
