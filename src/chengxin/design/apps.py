from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "chengxin.design"
    label = "design"
