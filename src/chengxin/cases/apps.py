from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "chengxin.cases"
    label = "cases"
