"""Routes of the department's work: subjects, models, inspections, lists, measures, alerts."""

from django.urls import path

from chengxin.workbench.views import grading, inspecting, inspectors, simulating, subjects

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
    path("workbench/inspections", inspecting.index, name="inspections-of-mine"),
    path("workbench/inspections/new", inspecting.new, name="dept-inspection-new"),
    path("workbench/inspections/tasks", inspecting.tasks, name="dept-inspection-tasks"),
    path("workbench/inspections/tasks/<int:pk>", inspecting.task, name="dept-inspection-task"),
    path("workbench/inspections/inspectors", inspectors.index, name="dept-inspection-inspectors"),
    path("workbench/inspections/inspectors/<int:pk>", inspectors.show, name="dept-inspection-inspector"),
    path(
        "workbench/inspections/inspectors/<int:pk>/dismiss",
        inspectors.dismiss,
        name="dept-inspection-inspector-dismiss",
    ),
    path("workbench/inspections/<str:number>", inspecting.show, name="dept-inspection"),
    path("workbench/inspections/<str:number>/draw", inspecting.draw, name="dept-inspection-draw"),
    path("workbench/inspections/<str:number>/publish", inspecting.publish, name="dept-inspection-publish"),
    path("workbench/inspections/<str:number>/send", inspecting.send, name="dept-inspection-send"),
    path("workbench/inspections/<str:number>/verify", inspecting.verify, name="dept-inspection-verify"),
]
