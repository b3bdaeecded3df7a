from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "chengxin.reports"
    label = "reports"
