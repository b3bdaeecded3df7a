from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "chengxin.workbench"
    label = "workbench"
