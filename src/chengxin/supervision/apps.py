from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "chengxin.supervision"
    label = "supervision"
