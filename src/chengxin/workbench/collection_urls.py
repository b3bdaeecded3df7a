"""Routes of the collection desk: files in, answers, quality, bulletins, the catalogue."""

from django.urls import path

from chengxin.workbench.views import (
    batches,
    bulletin,
    catalogue,
    doubt_sheets,
    doubts,
    mend,
    omissions,
    quality,
    submit,
)

urlpatterns = [
    path("workbench/submit", submit.submit, name="submit"),
    path("workbench/batches", batches.index, name="batches"),
    path("workbench/batches/<int:pk>", batches.show, name="batch"),
    path("workbench/batches/<int:pk>/progress", batches.progress, name="batch-progress"),
    path("workbench/batches/<int:pk>/mend", mend.mend, name="batch-mend"),
    path("workbench/batches/<int:pk>/release", batches.release, name="batch-release"),
    path("workbench/batches/<int:pk>/return", batches.give_back, name="batch-return"),
    path("workbench/batches/<int:pk>/withdraw", batches.withdraw, name="batch-withdraw"),
    path("workbench/batches/<int:pk>/receipt.csv", batches.receipt_csv, name="batch-receipt"),
    path("workbench/batches/<int:pk>/receipt.xlsx", batches.receipt_xlsx, name="batch-workbook"),
    path("workbench/doubts", doubts.index, name="doubts"),
    path("workbench/doubts/sheet", doubt_sheets.sheet, name="doubts-sheet"),
    path("workbench/doubts/sheet.csv", doubt_sheets.sheet_csv, name="doubts-sheet-csv"),
    path("workbench/doubts/sheet.xlsx", doubt_sheets.sheet_xlsx, name="doubts-sheet-xlsx"),
    path("workbench/doubts/<int:pk>", doubts.settle, name="doubt"),
    path("workbench/quality", quality.board_page, name="quality"),
    path("workbench/quality/omissions", omissions.index, name="quality-omissions"),
    path("workbench/quality/reminders", omissions.reminders_page, name="quality-reminders"),
    path("workbench/quality/reminders/<int:pk>", omissions.reminder, name="quality-reminder"),
    path("workbench/catalogue", catalogue.index, name="workbench-catalogue"),
    path("workbench/catalogue/<slug:item>", catalogue.show, name="workbench-catalogue-item"),
    path("workbench/bulletins", bulletin.index, name="bulletins"),
    path("workbench/bulletins/<str:month>/publish", bulletin.publish, name="bulletin-publish"),
    path("workbench/bulletins/<str:month>.pdf", bulletin.pdf, name="bulletin-pdf"),
    path("workbench/bulletins/<str:month>.xlsx", bulletin.xlsx, name="bulletin-xlsx"),
    path("workbench/bulletins/<str:month>", bulletin.show, name="bulletin"),
]
