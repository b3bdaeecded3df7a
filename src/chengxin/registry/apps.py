from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "chengxin.registry"
    label = "registry"
