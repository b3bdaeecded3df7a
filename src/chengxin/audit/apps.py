from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "chengxin.audit"
    label = "audit"
