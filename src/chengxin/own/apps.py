from django.apps import AppConfig


class OwnConfig(AppConfig):
    name = "chengxin.own"
    label = "own"
