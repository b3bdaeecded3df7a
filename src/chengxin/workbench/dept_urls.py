"""Routes of the department's work: subjects, models, inspections, lists, measures, alerts."""

from django.urls import path

from chengxin.workbench.views import grading, simulating, subjects

urlpatterns = [
    path("workbench/subjects", subjects.index, name="subjects-of-mine"),
    path("workbench/subjects.csv", subjects.export, name="dept-subjects-csv"),
    path("workbench/subjects/<str:code>", subjects.show, name="dept-subject"),
    path("workbench/subjects/<str:code>/why/<str:model>", grading.why, name="dept-subject-why"),
    path("workbench/models", grading.index, name="models"),
    path("workbench/models/<str:id>", grading.model, name="model"),
    path("workbench/models/<str:id>/simulate", simulating.simulate, name="model-simulate"),
    path("workbench/simulations/<int:pk>", simulating.report, name="model-simulation"),
    path("workbench/simulations/<int:pk>/again", simulating.again, name="model-simulation-again"),
    path("workbench/simulations/<int:pk>/<str:name>", simulating.table, name="model-simulation-file"),
]
