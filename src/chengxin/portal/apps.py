from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "chengxin.portal"
    label = "portal"

    def ready(self) -> None:
        from chengxin.portal import watching  # noqa: F401  (it connects itself)
